declare module '@20minutes/s3rver' {
  /** A server of S3 that keeps objects in a folder, and checks the signature of every request. */
  export default class S3rver {
    constructor(options: {
      readonly address: string;
      readonly port: number;
      readonly directory: string;
      readonly silent: boolean;
      readonly configureBuckets: readonly { readonly name: string }[];
    });
    run(): Promise<import('node:net').AddressInfo>;
    readonly httpServer: import('node:http').Server;
    close(): Promise<void>;
  }
}
