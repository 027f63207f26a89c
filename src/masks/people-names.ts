/** 64 of each: six bits of a hash choose one. Common in many languages, and nobody's in particular. */
export const givenNames: readonly string[] = (
  'Ada Alma Amir Anna Arno Aya Bela Boris Carla Chloe Clara Dana Daniel David Diego Dora ' +
  'Elena Elias Emil Emma Erik Eva Felix Fiona Frida Gabriel Greta Hana Hugo Ida Ines Irena ' +
  'Ivan Jana Jonas Julia Karim Klara Lara Lea Leo Lina Lucas Luis Maja Marco Maria Marta ' +
  'Milan Mina Nadia Nina Noah Nora Oskar Paula Petra Rosa Samuel Sara Sofia Tara Tom Vera'
).split(' ');

export const familyNames: readonly string[] = (
  'Abel Adler Alves Arden Bach Baker Bauer Bell Berg Blanc Brandt Brook Carter Castro Clark Costa ' +
  'Cruz Dahl Davis Dubois Ekman Evans Ferrer Fischer Foster Fuchs Garcia Gomez Grant Gray Haas Hall ' +
  'Hansen Hart Heller Hill Horn Hughes Jansen Keller King Klein Kovac Kruger Lang Lehmann Lopez Lund ' +
  'Marin Martin Mayer Meyer Moreau Nagy Novak Olsen Park Perez Reed Rossi Santos Silva Stone Weber'
).split(' ');
