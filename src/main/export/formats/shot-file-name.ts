import { type EditShot, shotName } from '../../../shared/edit/edit-plan.ts';
import { textWithin } from '../../../shared/text.ts';

/** Longest name we give, in characters, before an ending and a number. */
const longest = 60;
/** Of most disks, less room for an ending and a panel's number. */
const mostBytes = 220;

/**
 * A file name of a shot, without its ending: its place in the film, its number, its title. Letters of every script
 * stay; what file systems refuse becomes a space.
 */
export function shotFileName(shot: EditShot, index: number): string {
  const place = String(index + 1).padStart(3, '0');
  const number = shot.fields.number ? `shot ${shotName(shot, index)}` : '';
  const name = [place, number, shot.title].filter((part) => part !== '').join(' ');
  const clean = name
    .toWellFormed()
    .replace(/[<>:"/\\|?*\p{Cc}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return textWithin(clean, mostBytes, longest).replace(/[. ]+$/, '');
}
