/** Words of a heading's last part that say when it is. */
const times =
  /\b(DAY|DAYTIME|NIGHT|MORNING|AFTERNOON|EVENING|NOON|MIDDAY|MIDNIGHT|DAWN|DUSK|SUNSET|SUNRISE|TWILIGHT|HOUR)\b/i;
/** And those that say only that the light is as it was. */
const same = /^(CONTINUOUS|CONT['’]?D|CONTINUED|SAME( TIME)?|(A )?(MOMENTS?|SECONDS?|MINUTES?) LATER|LATER)$/i;

export interface PlaceAndTime {
  /** `Kitchen`, `House, kitchen`; empty where the heading names none. */
  readonly place: string;
  /** `day`, `early morning`; empty where the heading names none. */
  readonly time: string;
  /** The heading says that the time is that of the scene before. */
  readonly goesOn: boolean;
}

/** What is to be seen of `INT. HOUSE - KITCHEN - DAY`: the place, and the time of day. Inside or outside is not. */
export function placeAndTime(heading: string): PlaceAndTime {
  const where = heading.replace(/^\s{0,8}(INT\.?\/EXT|EXT\.?\/INT|INT|EXT|EST|I\.?\/E|E\.?\/I)[. ]\s*/i, '');
  const parts = where
    .split(/\s[-–—]{1,2}\s|[–—]/)
    .map((part) => part.trim())
    .filter(Boolean);
  const last = parts.at(-1) ?? '';
  const goesOn = parts.length > 1 && same.test(last.replace(/[.()]/g, '').trim());
  const isTime = !goesOn && parts.length > 1 && times.test(last);
  const places = goesOn || isTime ? parts.slice(0, -1) : parts;
  return {
    place: inSentenceCase(places.join(', ')),
    time: isTime ? last.toLowerCase() : '',
    goesOn,
  };
}

/** `Kitchen, day.`; empty where neither is known. */
export function promptPrefix(place: string, time: string): string {
  const text = [place, place === '' ? inSentenceCase(time) : time].filter(Boolean).join(', ');
  return text === '' || /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Capitals throughout become small letters after the first; text with small letters in it stays as it is. */
function inSentenceCase(text: string): string {
  const lower = text === text.toUpperCase() ? text.toLowerCase() : text;
  return lower.charAt(0).toUpperCase() + lower.slice(1);
}
