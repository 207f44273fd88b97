/** Models are fetched from the Hugging Face Hub here, and nowhere else. */
export { type HubEndpoint, hubEndpoint } from './endpoint.ts';
export {
  dropFetched,
  type FetchPlan,
  type FetchProgress,
  fetchFiles,
  modelFilesOf,
  planFetch,
  type WantedFile,
} from './fetch-files.ts';
export { type Patience, usualPatience } from './hub-fetch.ts';
export { type PublishedFile, type PublishedModel, publishedModels, sharedParts } from './published-models.ts';
export { type HubOptions, parseRepository } from './repository.ts';
