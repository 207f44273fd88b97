/**
 * English words by what they mean in a picture, for help with words that a model does not know. Nothing here says what
 * a model knows: whoever asks keeps the words that it does.
 */

/** Words that a picture shows alike. Those that say it plainest come first. Emoji stand for their word. */
const rings = `
day daylight sunshine morning afternoon noon midday daytime sunny sunlit sunlight bright clear cloudless fair ☀️ ☀ 🌞
morning day sunrise dawn daybreak early 🌅
sunset evening dusk twilight sundown nightfall gloaming late 🌇 🌆
night moonlight midnight stars nighttime starlight starry moonlit dark tonight 🌙 🌃 🌌
rain raining rainy rains rainstorm wet drizzle drizzling shower showers storm stormy thunderstorm downpour pouring 🌧️ 🌧 ☔
snowing snow snowfall snowy snows snowstorm blizzard frost frosty frozen icy wintry winter flurry hail ❄️ ❄ 🌨️
meadow field grass grassland pasture lawn park garden prairie hillside hill hills countryside glade clearing valley
forest woods wood woodland trees tree jungle grove thicket rainforest 🌲 🌳
beach shore seaside coast seashore sand sea ocean lake river pond stream waves bay island lagoon water 🏖️ 🏖 🌊
desert dunes wasteland sand sahara canyon oasis 🏜️ 🏜
snow mountains mountain alps peak summit glacier arctic slope ice ski tundra 🏔️ 🏔 ⛰️
city street town downtown village road avenue alley pavement sidewalk market square station suburb skyscraper buildings 🏙️ 🏙
room lounge parlour home indoors inside house bedroom bathroom hall office study apartment flat attic library school classroom cafe 🏠 🏡
kitchen bakery restaurant diner pantry
farm farmyard barnyard barn ranch stable orchard vineyard 🚜
moon space lunar crater planet mars orbit galaxy cosmos spaceship rocket 🌕 🚀
cat kitten kitty tomcat feline tabby tiger lion leopard panther lynx 🐱 🐈
dog puppy pup hound canine terrier poodle spaniel wolf 🐶 🐕
rabbit bunny hare 🐰 🐇
bear teddy cub panda koala grizzly 🐻 🐼
robot android bot droid machine cyborg automaton 🤖
duck duckling drake goose swan chick chicken hen bird parrot penguin sparrow 🦆 🐥 🐦
frog toad froggy tadpole lizard turtle 🐸
fox vixen raccoon coyote 🦊
red crimson scarlet ruby maroon cherry burgundy 🔴
orange ginger amber tangerine copper rust bronze brown tan 🟠
yellow golden lemon gold blond blonde mustard cream beige 🟡
green emerald lime olive mint teal turquoise 🟢
blue navy azure cyan indigo sapphire teal turquoise 🔵
purple violet lilac lavender magenta plum mauve 🟣
pink rosy rose magenta salmon fuchsia
white ivory pale snowwhite cream silver ⚪
black dark ebony charcoal grey gray ⚫
stands stand standing waits wait waiting rests rest pauses stood stays stay staying stops stop watches watch watching looks look looking stares stare staring gazes gaze gazing thinks think thinking
walks walk walking strolls wanders marches goes go going went arrives arrive arriving arrived comes come coming came enters enter entering crosses crossing follows follow following travels travel travelling traveling hikes hike hiking steps creeps sneaks approaches leaves leave leaving climbs climb climbing rides ride riding drives driving 🚶
runs run running races race dashes sprints rushes ran hurries hurry hurrying chases chase chasing flees flee fleeing escapes jogs jog jogging gallops gallop speeds 🏃
jumps jump jumping hops leaps bounces skips skip skipping springs flies fly flying flew
waves wave waving greets greet greeting hello beckons nods nod nodding smiles smile smiling points pointing 👋
sits sit sitting sat relaxes relax seated perches kneels crouches reads read reading eats eat eating drinks drinking
sleeps sleep sleeping naps snoozes dozes slept lies lying dreams dream dreaming asleep 😴 💤
dances dance dancing twirls grooves danced spins spin spinning celebrates celebrate celebrating plays play playing swings sings 💃 🕺
hat cap beret bonnet helmet beanie tophat hood 🎩 👒 🧢
scarf shawl bandana necktie tie ribbon cape 🧣
crown tiara diadem 👑
glasses spectacles sunglasses goggles shades 👓 🕶️ 🕶
ball football basketball globe ⚽ 🏀
balloon balloons 🎈
umbrella parasol brolly ☂️ ☂ 🌂
box crate chest package parcel case suitcase gift present 📦 🎁
lantern lamp light torch candle lamppost 🏮 💡
flower flowerpot flowers rose tulip daisy sunflower blossom plant bouquet pot 🌸 🌷 🌻 🌹
wide distant far afar away long panorama establishing
close closeup closer near detail portrait
zoom zooms zooming closer approaches
pan pans panning camera moves tracking
beside next near by alongside close
with and together accompanied & +
towards to toward
center centre middle central
again back still once more returns return returning returned
under below beneath
through across along among over past around
small little tiny mini
`
  .trim()
  .split('\n')
  .map((line) => line.split(' '));

/** Past and other forms that no ending tells. */
const irregular: Readonly<Record<string, string>> = {
  children: 'child',
  feet: 'foot',
  geese: 'goose',
  leaves: 'leaf',
  men: 'man',
  mice: 'mouse',
  people: 'person',
  puppies: 'puppy',
  wolves: 'wolf',
  women: 'woman',
};

/** A kind of thing, by the vocabulary's name for it: words of that kind that mean nothing nearer. */
interface Kind {
  readonly group: string;
  /** Said first where the model knows them: what people reach for most. */
  readonly prefer: readonly string[];
  readonly words: ReadonlySet<string>;
}

const kind = (group: string, prefer: string, words: string): Kind => ({
  group,
  prefer: prefer.split(' '),
  words: new Set(words.trim().split(/\s+/)),
});

const kinds: readonly Kind[] = [
  kind(
    'character',
    'cat dog rabbit bear robot duck frog fox',
    `animal animals creature pet monster dragon dinosaur unicorn horse pony cow pig sheep goat lamb deer elephant giraffe
     monkey gorilla zebra hippo rhino camel crocodile snake mouse rat hamster squirrel hedgehog owl eagle fish shark whale
     dolphin octopus crab bee butterfly ant spider snail man woman boy girl child kid baby person people hero heroine king
     queen prince princess knight witch wizard pirate astronaut alien ghost farmer cook chef doctor friend mother father
     lady guy someone 🐴 🐮 🐷 🐑 🐘 🦁 🐯 🐵 🐭 🦉 🐟 👦 👧 👨 👩 🧑`,
  ),
  kind(
    'place',
    'meadow forest beach desert city room kitchen farm moon snow',
    `castle palace church temple tower bridge harbour harbor port ship boat train bus car airport museum theatre theater
     shop store hospital prison cave tunnel swamp waterfall sky heaven underwater zoo playground stadium courtyard cellar
     cabin hut tent camp campfire lighthouse windmill path trail place world country`,
  ),
  kind(
    'action',
    'stands walks runs jumps waves sits sleeps dances',
    `does do doing makes make making takes take taking gives give giving holds hold holding carries carry carrying throws
     throw throwing catches catch catching opens open opening closes closing finds find finding searches search searching
     looks talks talk talking speaks speak says say saying asks laughs laugh laughing cries cry crying fights fight fighting
     skates skate skating swims swim swimming swam dives diving cooks cooking writes writing paints painting draws builds building works work
     working listens listening hugs hug hugging kisses falls fell fall hides hide hiding meets meet meeting turns turn
     turning tries wakes wake waking awakes gets getting puts pulls push pushes kicks kick kicking`,
  ),
  kind(
    'prop',
    'ball balloon umbrella box lantern flower',
    `book cup mug bottle bag basket chair table bed sofa door window phone sword stick stone rock key map kite guitar piano
     drum violin bicycle bike skateboard cake apple bread food toy doll letter newspaper camera-bag bench fence ladder
     bucket broom hammer coin treasure 📖 🍎 🎂 🚗 🚲 🎸`,
  ),
  kind(
    'accessory',
    'hat scarf crown glasses',
    'coat jacket dress shirt skirt trousers pants shoes boots gloves mittens belt bow collar mask backpack necklace ring earrings watch-strap sweater jumper uniform costume apron vest socks',
  ),
  kind(
    'weather',
    'rain snowing sunset night',
    'fog foggy mist misty cloud clouds cloudy overcast wind windy breeze breezy thunder lightning rainbow hot cold warm cool storm ☁️ ☁ 🌈 ⚡ 💨',
  ),
  kind(
    'colour',
    'red orange yellow green blue purple pink white black',
    'colourful colorful rainbow-coloured multicoloured striped spotted transparent shiny metallic pastel',
  ),
  kind('time', 'day sunset night', 'spring summer autumn today tomorrow yesterday later earlier hour season'),
  kind('size', 'wide close', 'medium shot-size framing angle overhead birdseye low-angle'),
  kind('camera', 'zoom pans', 'dolly crane orbit tilt tilts handheld steadicam tracks'),
];

/** What to do about words that no picture word stands for. */
const advice: readonly { readonly text: string; readonly words: ReadonlySet<string> }[] = [
  {
    text: 'The model cannot count. Name each one: “a red cat and a blue cat”.',
    words: new Set(
      'two three four five six seven eight nine ten both several many few some couple pair dozen group crowd all each every various numerous hundred thousand'.split(
        ' ',
      ),
    ),
  },
  {
    text: 'The model does not read “no”. Say only what is there.',
    words: new Set("no not never without none nobody nothing neither nor cannot don't doesn't isn't aren't".split(' ')),
  },
  {
    text: 'The model draws no moods. Say what can be seen: an action, a place, a time of day.',
    words: new Set(
      `gentle gently happy happily sad sadly angry angrily calm calmly quiet quietly peaceful cosy cozy lonely alone scared
       afraid brave proud excited joyful cheerful mysterious magical beautiful pretty lovely cute nice funny friendly strange
       scary spooky romantic dramatic epic tired sleepy hungry slow slowly quick quickly fast softly soft suddenly carefully
       loud loudly old young new big large huge giant tall short wild wonderful amazing elegant lazy clever wise bored curious
       nervous surprised warm-hearted mood feeling love 😀 😊 ❤️ ❤ 😢 😡`
        .trim()
        .split(/\s+/),
    ),
  },
  {
    text: 'The model knows one style. Words about style change nothing.',
    words: new Set(
      'cinematic realistic photorealistic anime cartoon illustration photo photograph film movie style 4k 8k hd hdr detailed masterpiece render rendered watercolor watercolour noir vintage retro lens bokeh'.split(
        ' ',
      ),
    ),
  },
];

const ringsOf = new Map<string, (readonly string[])[]>();
for (const ring of rings) for (const word of ring) ringsOf.set(word, [...(ringsOf.get(word) ?? []), ring]);

/** Words that mean about the same, those that say it plainest first. */
export function wordsLike(word: string): string[] {
  const found = (ringsOf.get(word) ?? []).flat();
  return [...new Set(found)].filter((other) => other !== word);
}

/** The kind of thing a word names, where one is known. */
export function kindOf(word: string): Pick<Kind, 'group' | 'prefer'> | null {
  return kinds.find(({ words }) => words.has(word)) ?? null;
}

/** What to do about a word that no other can stand for, in a sentence. */
export function adviceFor(word: string): string | null {
  return advice.find(({ words }) => words.has(word))?.text ?? null;
}

/** Ways a word may be written in a word list: itself first, then without the endings of plurals and verbs. */
export function baseForms(word: string): string[] {
  const forms = [word];
  const other = irregular[word];
  if (other) forms.push(other);
  if (word.endsWith('ies') && word.length > 4) forms.push(`${word.slice(0, -3)}y`);
  if (/(s|x|z|ch|sh)es$/.test(word)) forms.push(word.slice(0, -2));
  if (word.endsWith('s') && !word.endsWith('ss') && word.length > 3) forms.push(word.slice(0, -1));
  const verb = /^(.{2,}?)(ing|ed)$/.exec(word)?.[1];
  if (verb) {
    forms.push(verb, `${verb}e`);
    if (/(.)\1$/.test(verb)) forms.push(verb.slice(0, -1));
  }
  return [...new Set(forms)];
}
