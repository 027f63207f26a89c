/** Rules for the people of people.sql: every kind, and every place that a rule can reach. */
export const salt = 'the salt of the tests, long enough';

export const masks = {
  users: {
    email: 'email',
    fullName: 'name',
    phone: 'phone',
    token: 'hash',
    secret: 'hash',
    home: { sql: "ROW('', left((home).zip, 2))" },
    tags: { sql: 'tags[2:]' },
    notes: null,
    zip: { fixed: '00000' },
    mood: { sql: "CASE mood WHEN 'good' THEN 'bad'::public.mood ELSE mood END" },
    profile: { sql: "profile - 'born'" },
  },
  moods: { who: 'name' },
  contacts: { mail: 'email' },
  'public."Odd ""table"': { 'e "mail': 'keepDomain' },
  logins: { email: 'email', address: { sql: 'set_masklen(address, 8)::cidr::inet' } },
};
