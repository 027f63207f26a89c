import type { FileSchedule } from '../schedules/schedule.ts';
import type { ConfigFile } from './config-file.ts';
import type { Faults } from './faults.ts';

/** The file's schedules, each with the place where it is said. Two of one name would share what is known of them. */
export function loadSchedules(file: ConfigFile, faults: Faults): readonly FileSchedule[] {
  const { schedules = [] } = file.sections;
  return schedules.map((schedule, index) => {
    const place = file.place(['schedules', index, 'name']);
    if (schedules.findIndex(({ name }) => name === schedule.name) !== index)
      faults.add(`${place}: a schedule "${schedule.name}" is already there`);
    return { ...schedule, said: place };
  });
}
