// What browsers have of the origin private file system and the library of types for pages does not: writing in place, and going through
// a folder.

interface FileSystemSyncAccessHandle {
  read(into: Uint8Array<ArrayBuffer>, options?: { at: number }): number;
  write(bytes: Uint8Array<ArrayBuffer>, options?: { at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}

interface FileSystemFileHandle {
  createSyncAccessHandle(): Promise<FileSystemSyncAccessHandle>;
}

interface FileSystemDirectoryHandle {
  keys(): AsyncIterableIterator<string>;
  entries(): AsyncIterableIterator<[string, FileSystemHandle]>;
}
