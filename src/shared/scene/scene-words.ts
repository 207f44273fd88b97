/**
 * What a model's own vocabulary says of places, times of day and who may be there: each list holds words that mean the
 * same to it. Without one only general English counts, which says nothing of who is there.
 */
export interface SceneWords {
  readonly places: readonly (readonly string[])[];
  readonly times: readonly (readonly string[])[];
  readonly characters: readonly (readonly string[])[];
  readonly colours: readonly (readonly string[])[];
  readonly names?: readonly string[];
  readonly actions?: readonly string[];
  /** Every word of the vocabulary. */
  readonly all?: readonly string[];
  /** How many words and marks of a prompt the model reads; null: any number. */
  readonly mostTokens?: number | null;
}

/** A word as a model's vocabulary lists it. */
export interface VocabularyWord {
  readonly word: string;
  readonly part: string;
  readonly group: string;
  readonly synonyms: readonly string[];
}

/** What a vocabulary has of a scene. Other parts of speech of its groups (`along`, `under`) name nothing by themselves. */
export function sceneWordsOf(words: readonly VocabularyWord[], mostTokens: number | null = null): SceneWords {
  const of = (group: string, ...parts: string[]) =>
    joined(words.filter((word) => word.group === group && (parts.length === 0 || parts.includes(word.part))));
  const listed = (group: string) => words.filter((word) => word.group === group).map(({ word }) => word);
  return {
    places: of('place', 'noun'),
    times: of('time', 'noun'),
    characters: of('character'),
    colours: of('colour'),
    names: listed('name'),
    actions: listed('action'),
    all: words.map(({ word }) => word),
    mostTokens,
  };
}

/** Words and their synonyms as sets that have nothing in common. */
function joined(words: readonly VocabularyWord[]): string[][] {
  const sets: Set<string>[] = [];
  for (const { word, synonyms } of words) {
    const all = [word, ...synonyms];
    const touching = sets.filter((set) => all.some((one) => set.has(one)));
    const union = new Set([...touching.flatMap((set) => [...set]), ...all]);
    for (const set of touching) sets.splice(sets.indexOf(set), 1);
    sets.push(union);
  }
  return sets.map((set) => [...set]);
}

/** Places of general English, a line for each; words of one line are one place. A space or a hyphen parts two words. */
export const generalPlaces: readonly (readonly string[])[] = [
  'meadow,field,grassland,pasture,prairie,grass,lawn',
  'forest,woods,woodland,wood,grove,trees',
  'jungle,rainforest',
  'beach,seaside,shore,coast,seashore,sand',
  'sea,ocean,underwater,reef',
  'lake,pond,lakeside',
  'river,stream,creek,riverbank',
  'waterfall',
  'swamp,marsh',
  'desert,dunes,wasteland',
  'snow,tundra,ice,glacier',
  'mountains,mountain,mountaintop,mountainside,summit,cliff,peak',
  'hill,hilltop,hillside',
  'valley,canyon,gorge',
  'cave,cavern',
  'island',
  'city,town,street,downtown,avenue,alley,sidewalk,square,crossroads',
  'village,hamlet',
  'road,highway,freeway,motorway',
  'park,playground',
  'garden,backyard,yard,greenhouse',
  'farm,farmyard,barnyard,ranch,barn,stable',
  'vineyard,orchard',
  'kitchen',
  'bedroom',
  'bathroom',
  'room,lounge,parlour,living room,sitting room',
  'dining room',
  'hallway,corridor,staircase',
  'attic',
  'basement,cellar',
  'garage,workshop',
  'balcony,terrace,porch',
  'office',
  'classroom,school,schoolyard',
  'library,bookstore',
  'hospital,clinic',
  'shop,store,supermarket,mall',
  'market,bazaar,marketplace',
  'restaurant,cafe,café,diner,coffee shop',
  'bar,pub,tavern,nightclub',
  'hotel,lobby',
  'station,train station,subway station,platform,subway',
  'train,carriage',
  'bus',
  'car',
  'airport,runway',
  'airplane,plane,cockpit,aeroplane',
  'spaceship,spacecraft,starship,space station',
  'space,outer space,orbit,galaxy',
  'moon',
  'mars',
  'sky,clouds',
  'castle,palace,throne room,fortress',
  'church,temple,cathedral,chapel,monastery',
  'graveyard,cemetery',
  'theatre,theater,stage,opera',
  'stadium,arena,gym,ballroom',
  'circus,carnival,fairground',
  'zoo,aquarium',
  'factory,warehouse',
  'laboratory,lab',
  'museum,gallery',
  'prison,jail,dungeon',
  'courtroom,court',
  'bridge',
  'rooftop,roof',
  'harbour,harbor,port,pier,dock',
  'ship,boat,deck',
  'campsite,camp,tent,campfire',
  'swimming pool,pool',
  'ruins',
].map((line) => line.split(','));

/** Words that are a place only after a preposition: `sits in the snow` is one, `snow falls` and `a train passes` are none. */
export const placesAfterPreposition: ReadonlySet<string> = new Set(
  (
    'grass,wood,trees,sand,sea,ocean,river,stream,snow,ice,island,square,road,park,yard,room,store,bar,platform,train,' +
    'carriage,bus,car,plane,airplane,aeroplane,space,orbit,moon,mars,sky,clouds,stage,court,bridge,roof,port,dock,ship,' +
    'boat,deck,camp,tent,campfire,pool,peak,cave,stable,spaceship,spacecraft,starship,field,mountain,mountains'
  ).split(','),
);

/** Times of day. Those within the light of day look alike: see `sameTime`. */
export type TimeOfDay = 'dawn' | 'morning' | 'day' | 'afternoon' | 'evening' | 'night';

export const generalTimes: ReadonlyMap<string, TimeOfDay> = new Map(
  (
    [
      ['dawn', 'dawn,sunrise,daybreak'],
      ['morning', 'morning'],
      ['day', 'day,daylight,daytime,noon,midday,sunshine,sunny'],
      ['afternoon', 'afternoon'],
      ['evening', 'evening,sunset,dusk,twilight,nightfall,sundown,sun sets,golden hour'],
      ['night', 'night,nighttime,midnight,moonlight,moonlit,starlit,starry,night sky,the stars'],
    ] as const
  ).flatMap(([time, words]) => words.split(',').map((word): [string, TimeOfDay] => [word, time])),
);

/** Words that say what weather it is, or that it ends. */
export const generalWeather: readonly string[] =
  'rain,rains,raining,rainy,rainstorm,drizzle,pouring,snowfall,snowing,snows,snowy,snowstorm,snowflakes,blizzard,storm,fog'.split(
    ',',
  );

export type ShotSize = 'close-up' | 'medium shot' | 'wide shot';

/** How a prompt says from how far one looks. */
export const sizePatterns: readonly (readonly [RegExp, ShotSize])[] = [
  [/\bclose[\s-]?up\b|\bclose (view|shot)\b|\bmacro (view|shot)\b|\bextreme close\b/, 'close-up'],
  [
    /\b(wide|long|distant|establishing|aerial|overhead|panoramic)[\s-](\w+[\s-])?(shot|view|angle)\b|\bwide[\s-]angle\b|\b(from|seen from) (afar|far away|above|a distance)\b|\bbird'?s[\s-]eye\b|\bpanorama\b|\bfar away view\b/,
    'wide shot',
  ],
  [/\b(medium|mid|waist)[\s-](shot|view)\b/, 'medium shot'],
];

/** A camera that moves changes the size within the shot. */
export const cameraMoves =
  /\bzoom(s|ed|ing)?\b|\bcamera (slowly |gently |then )?(move|pan|tilt|push|pull|follow|track|dollie|circle|rise|fl)\w*\b|\bpan(s|ning) (left|right|up|down|across|over|to)\b|\b(moves|comes|goes) closer\b|\bpull(s|ing)? back\b|\bdolly\b|\btracking shot\b/;

/** Words that jump in time whatever the light. */
export const timeJump =
  /\b(the )?(next|following) (day|morning|afternoon|evening|night|week|month|year|spring|summer|autumn|winter)\b|\b(hours|days|weeks|months|years) later\b|\blater that (day|morning|afternoon|evening|night)\b|\bmeanwhile\b/;

/** What may stand in or inside something without that being a place. For prompts whose place no list names. */
export const noPlaces: ReadonlySet<string> = new Set(
  (
    'hat,cap,helmet,scarf,coat,dress,suit,shirt,jacket,uniform,costume,hood,glasses,rain,wind,storm,fog,mist,sun,sunlight,' +
    'light,moonlight,dark,darkness,shade,shadow,shadows,air,distance,background,foreground,middle,center,centre,left,right,' +
    'corner,front,back,end,beginning,moment,time,while,circle,row,line,way,hurry,mirror,chair,armchair,seat,sofa,couch,bed,' +
    'box,basket,bag,bowl,cup,glass,jar,pot,bottle,cage,nest,hand,hands,arms,arm,lap,mouth,face,eyes,hair,camera,frame,view,' +
    'picture,morning,afternoon,evening,night,day,dawn,dusk,style,mood,dance,dream,same,water,fire,flames,smoke,crowd,color,colour'
  ).split(','),
);
