/** A relative path as the path of a URL: each part percent-encoded, folders kept. */
export function relativeUrl(file: string): string {
  return file.split('/').map(encodeURIComponent).join('/');
}
