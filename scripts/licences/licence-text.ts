// The text of THIRD_PARTY_LICENSES.txt: pure.

export interface LicensedPackage {
  /** `name@version`. */
  readonly id: string;
  /** As the package says it: an SPDX expression. */
  readonly licence: string;
  readonly repository: string | null;
  /** The package's own licence file; null where it has none. */
  readonly text: string | null;
}

const rule = '='.repeat(100);

/** What must be said before the list. */
const preface = `Third-party licences of Throughline

Throughline's own source is under the MIT licence (LICENSE). This file lists every package that a packaged app contains,
for every platform, with its licence. It is written by \`npm run licenses\`; a test fails when it no longer fits
package-lock.json.

${rule}
WHAT THE VIDEO CODEC CONTAINS, AND WHAT FOLLOWS FROM IT

The package @napi-rs/webcodecs is itself under the MIT licence, and so are the packages with its binaries. But those
binaries are FFmpeg 8 linked with, among others, x264 and x265, which are under the GNU General Public License,
version 2 or later; FFmpeg built with them is under the GPL too. They hold LAME (LGPL), libvpx, libaom, Opus and Vorbis
(BSD) as well.

  - The source of Throughline stays under the MIT licence: it uses the codec through the WebCodecs interface and
    contains none of it.
  - A packaged app that contains the binary (the AppImage, deb, NSIS and dmg files that \`npm run package\` makes) is, as a
    whole, to be distributed under the GPL. We choose version 3, as "or later" allows, since version 2 does not go
    together with the Apache-2.0 licence of some packages below. Its text is in GPL-3.0.txt.
  - Whoever distributes such an app must offer its complete source: this repository at the version packaged, and the
    source that the binary was built from (github.com/Brooooooklyn/webcodecs-node at the version below, which builds
    FFmpeg, x264 and x265 from their published source).
  - H.264 and H.265 are covered by patents in some countries; a licence to the source is no licence to those.

The way out, should a packaged app be wanted that is not under the GPL: h264-mp4-encoder (MIT; inside, minih264 in the
public domain and libmp4v2 under MPL-1.1) encodes H.264 in WebAssembly. Only src/main/export knows the encoder.

${rule}
OTHER PARTS OF A PACKAGED APP

  - Electron (MIT), with Chromium and Node.js: LICENSE.electron.txt and LICENSES.chromium.html beside the app.
  - SQLite, in better-sqlite3: public domain.
  - Skia and others, in the binaries of @napi-rs/canvas: BSD-3-Clause and similar.
  - ONNX Runtime, in onnxruntime-node: MIT, and what it is built from, listed in the ThirdPartyNotices.txt of its
    repository. On Windows the package adds DirectML.dll and dxil.dll (Microsoft's own terms) and dxcompiler.dll
    (University of Illinois/NCSA). They are loaded in the engine's process, never in the codec's.
  - The built-in model and the samples: part of Throughline, MIT.
`;

/** The whole file. */
export function licenceFile(packages: readonly LicensedPackage[]): string {
  const list = packages.map(
    ({ id, licence, repository }) => `  ${id}  ${licence}${repository ? `  ${repository}` : ''}`,
  );
  const texts = new Map<string, string[]>();
  for (const { id, text } of packages) {
    if (text === null) continue;
    const tidy = text.replaceAll('\r\n', '\n').replaceAll('\t', '    ').replace(/[ ]+$/gm, '').trim();
    texts.set(tidy, [...(texts.get(tidy) ?? []), id]);
  }
  const without = packages.filter(({ text }) => text === null).map(({ id, licence }) => `  ${id}  ${licence}`);
  return [
    preface,
    rule,
    `${packagesHeading}\n`,
    ...list,
    '',
    ...[...texts].flatMap(([text, ids]) => [rule, ids.join('\n'), '', text, '']),
    rule,
    'Without a licence file of their own (or not installed where this list was written, being for another platform);',
    'the licence they name applies:\n',
    ...without,
    '',
  ].join('\n');
}

const packagesHeading = 'PACKAGES';

/** The packages that a licence file lists, as `name@version`. */
export function listedPackages(file: string): readonly string[] {
  const [, after = ''] = file.split(`\n${packagesHeading}\n`);
  const [list = ''] = after.split(`\n${rule}`);
  return list.split('\n').flatMap((line) => /^ {2}(\S+@\S+) {2}/.exec(line)?.[1] ?? []);
}
