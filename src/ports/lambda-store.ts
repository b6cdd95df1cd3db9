/** JSON of the protocol's own making: the store keeps it and looks at nothing in it. */
export type LambdaDocument = Readonly<Record<string, unknown>>;

/**
 * ```
 * creating ──activateFunction──► active ──setFunctionState──► deleting ──removeFunction──► (gone)
 * ```
 * What is `creating` or `deleting` when the node starts was being made or removed when it ended.
 */
export type LambdaFunctionState = 'creating' | 'active' | 'deleting';

/** A function of the Lambda API: its name, and the app whose environments hold its versions. */
export interface LambdaFunctionRecord {
  readonly name: string;
  readonly app: string;
  readonly state: LambdaFunctionState;
  /** Versions published so far, those deleted since included: the number of the newest. */
  readonly versionsPublished: number;
  /** Calls that may run at a time, over all its versions: 0 stops it; null: as many as the node has room for. */
  readonly reserved: number | null;
}

/** What is sent as code, and what became of it. */
export interface LambdaCode {
  /** SHA-256 of the zip archive, hex. */
  readonly zip: string;
  readonly bytes: number;
  /** The artifact with the archive as its only file. */
  readonly package: string;
  /** The artifact that the archive unpacks to, layers not included. */
  readonly artifact: string;
  /** Set when it is a container image, and no archive: then `zip`, `package` and `artifact` are the image's artifact, and `bytes` is 0. */
  readonly image?: LambdaImage;
}

export interface LambdaImage {
  /** As it was named. */
  readonly uri: string;
  /** By its digest. */
  readonly resolvedUri: string;
  /** The file of the artifact that it begins with. */
  readonly file: string;
}

/** One version of a function: configuration, code and the release that serves them. */
export interface LambdaVersionRecord {
  readonly function: string;
  /** 0: `$LATEST`. */
  readonly version: number;
  readonly revision: string;
  /** ms since the epoch. */
  readonly modifiedAt: number;
  /** Release of the function's app. */
  readonly release: string;
  readonly configuration: LambdaDocument;
  readonly code: LambdaCode;
}

export interface LambdaAliasRecord {
  readonly function: string;
  readonly name: string;
  readonly revision: string;
  readonly description: string;
  /** 0: `$LATEST`. */
  readonly version: number;
  /** Shares (0 to 1) of further versions, by their number. */
  readonly routing: Readonly<Record<string, number>>;
}

export interface LambdaLayerRecord {
  readonly layer: string;
  readonly version: number;
  readonly createdAt: number;
  readonly configuration: LambdaDocument;
  readonly code: LambdaCode;
  /** Who may use it besides; null: nothing was said. */
  readonly policy: LambdaDocument | null;
}

/** Anything else that is set for a function (qualifier `''`) or for one of its versions or aliases. */
export interface LambdaSettingRecord {
  readonly function: string;
  readonly qualifier: string;
  /** `tags`, `url`, `policy` … */
  readonly kind: string;
  /** By which it is found without its function being known, unique within its kind: a URL by its id. */
  readonly key?: string;
  readonly value: LambdaDocument;
  readonly modifiedAt: number;
}

/** What brings events from a queue or a stream to a function. */
export interface LambdaEventSourceRecord {
  readonly id: string;
  readonly function: string;
  /** As it was named: `''`, a version or an alias. */
  readonly qualifier: string;
  /** ARN of the source; `''` for one that has none. */
  readonly source: string;
  readonly value: LambdaDocument;
  readonly modifiedAt: number;
}

/** What is kept in all, layers included. */
export interface LambdaStoreUsage {
  readonly functions: number;
  /** Archives as they were sent; one that several versions share counts for each. */
  readonly codeBytes: number;
}

/**
 * What the Lambda API keeps beside releases and artifacts. Every method is one transaction; any that writes may throw MayflyError
 * STORAGE_FULL. Lists are in the order of names and numbers.
 */
export interface LambdaStore {
  /** Reserves a name. @throws MayflyError CONFLICT when the name or the app is taken */
  insertFunction(fn: Pick<LambdaFunctionRecord, 'name' | 'app'>): Promise<void>;
  /** The function is there from now on, with this as its `$LATEST`, and with what was asked for together with it. */
  activateFunction(
    latest: LambdaVersionRecord,
    also?: {
      readonly published?: LambdaVersionRecord | null;
      readonly settings?: readonly LambdaSettingRecord[];
    },
  ): Promise<void>;
  setFunctionState(name: string, state: LambdaFunctionState): Promise<void>;
  setReserved(name: string, reserved: number | null): Promise<void>;
  getFunction(name: string): Promise<LambdaFunctionRecord | null>;
  /** The function that an app holds. */
  getFunctionOfApp(app: string): Promise<LambdaFunctionRecord | null>;
  listFunctions(): Promise<LambdaFunctionRecord[]>;
  /** With all that belongs to it. */
  removeFunction(name: string): Promise<void>;

  /** Replaces a version's record: `$LATEST`'s, or one whose provisioning changed. `published`: a version that is inserted with it. */
  saveVersion(version: LambdaVersionRecord, published?: LambdaVersionRecord | null): Promise<void>;
  /** Publishes it; its number is the function's newest from now on. */
  insertVersion(version: LambdaVersionRecord): Promise<void>;
  getVersion(name: string, version: number): Promise<LambdaVersionRecord | null>;
  /** `$LATEST` first. */
  listVersions(name: string): Promise<LambdaVersionRecord[]>;
  /** The release of every version of every function: read at start, where 10,000 single questions would take long. */
  listReleases(): Promise<Pick<LambdaVersionRecord, 'function' | 'version' | 'release'>[]>;
  /** With what is set for it. */
  removeVersion(name: string, version: number): Promise<void>;

  saveAlias(alias: LambdaAliasRecord): Promise<void>;
  getAlias(name: string, alias: string): Promise<LambdaAliasRecord | null>;
  listAliases(name: string): Promise<LambdaAliasRecord[]>;
  /** With what is set for it. False: it was not there. */
  removeAlias(name: string, alias: string): Promise<boolean>;

  /** Gives it the layer's next number, which it answers; no number is given twice. */
  insertLayer(layer: Omit<LambdaLayerRecord, 'version' | 'policy'>): Promise<number>;
  setLayerPolicy(layer: string, version: number, policy: LambdaDocument | null): Promise<void>;
  getLayer(layer: string, version: number): Promise<LambdaLayerRecord | null>;
  /** All versions of one layer, or of all layers; the newest version of a layer first. */
  listLayers(layer?: string): Promise<LambdaLayerRecord[]>;
  removeLayer(layer: string, version: number): Promise<void>;

  saveSetting(setting: LambdaSettingRecord): Promise<void>;
  getSetting(name: string, qualifier: string, kind: string): Promise<LambdaSettingRecord | null>;
  /** By its key. */
  findSetting(kind: string, key: string): Promise<LambdaSettingRecord | null>;
  /** Of one function, or of all. */
  listSettings(kind: string, name?: string): Promise<LambdaSettingRecord[]>;
  removeSetting(name: string, qualifier: string, kind: string): Promise<boolean>;

  /** Makes or replaces it. It goes with its function. */
  saveEventSource(source: LambdaEventSourceRecord): Promise<void>;
  getEventSource(id: string): Promise<LambdaEventSourceRecord | null>;
  /** By their ids; of one function, or of all. */
  listEventSources(name?: string): Promise<LambdaEventSourceRecord[]>;
  removeEventSource(id: string): Promise<boolean>;

  usage(): Promise<LambdaStoreUsage>;
  /** Artifacts that its records name, and which must not be collected. */
  listArtifacts(): Promise<Set<string>>;
}
