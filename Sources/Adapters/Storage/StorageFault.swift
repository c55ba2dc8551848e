// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
internal import Glibc

/// One thing the store does to the disk; faults name it, and fault sweeps count it.
package enum StorageStep: String, Hashable, Sendable, CaseIterable {
    // What changes the disk: `WriteFault` counts these.
    case makeDirectory, create, write, sync, rename, link, unlink, syncDirectory, commit
    // What only looks.
    case open, read, list, lock, map

    /// Whether a fault sweep counts it.
    package var changesDisk: Bool {
        switch self {
        case .makeDirectory, .create, .write, .sync, .rename, .link, .unlink, .syncDirectory,
            .commit:
            true
        case .open, .read, .list, .lock, .map: false
        }
    }
}

/// What is found wrong on reading: rotten bytes, not rotten protocol.
package enum StoredItem: Hashable, Sendable {
    /// Part of a square's file (segment −1: its roots): the block must be fetched again.
    case square(dataRoot: Bytes32, segment: Int)
    /// The size of a square's file.
    case squareSize(dataRoot: Bytes32)
    /// A value of the index.
    case value(table: String)
    /// The index as a whole.
    case index
}

/// Why storage could not do what it was asked; the closed list of all faults of this module.
///
/// `missing` and `corrupt` are answered by fetching the block again; `diskFull` by freeing space
/// and trying again, since nothing half-written is ever visible; the rest by a person.
package enum StorageFault: Error, Hashable, Sendable {
    /// No space, or no quota, is left.
    case diskFull(StorageStep, path: String)
    /// The system refused, with its error number.
    case system(StorageStep, path: String, code: Int32)
    /// LMDB refused, with its own error number (`mdb_strerror`).
    case index(StorageStep, code: Int32)
    /// What was stored is not what is read back.
    case corrupt(StoredItem)
    /// Nothing is stored under that name.
    case missing
    /// The height has another square, which a chain with finality cannot ask for.
    case conflict(height: Height)
    /// Another process has the directory open.
    case locked(path: String)
    /// The directory was written by a release with another layout.
    case layout(path: String, found: String)
    /// A file does not keep its format.
    case malformed(path: String, DecodeFault)
    /// The directory keeps another slice of each square than the one asked for; nil for all of it.
    case otherSlice(path: String, kept: String?)
    /// A key or value is larger than the store takes.
    case overLimit(what: String, limit: Int, actual: Int)
    /// The caller asked for something that cannot be: the text says what.
    case misuse(String)

    /// Whether a block's file is at fault: its bytes changed, ended early or went away.
    package var isDamage: Bool {
        switch self {
        case .missing, .corrupt(.square), .corrupt(.squareSize): true
        default: false
        }
    }

    /// The fault of a failed system call.
    static func failed(_ step: StorageStep, _ path: String, code: Int32) -> StorageFault {
        switch code {
        case ENOSPC, EDQUOT: .diskFull(step, path: path)
        case ENOENT where step == .open: .missing
        default: .system(step, path: path, code: code)
        }
    }
}

extension StorageFault: CustomStringConvertible {
    /// One line: what went wrong, and where it helps, what to do.
    package var description: String {
        switch self {
        case .diskFull(let step, let path):
            "no space left on disk (\(step.rawValue) \(path)); free some and try again"
        case .system(let step, let path, let code):
            "\(step.rawValue) \(path): \(String(cString: strerror(code)))"
        case .index(let step, let code): "index \(step.rawValue): LMDB error \(code)"
        case .corrupt(.square(let dataRoot, let segment)):
            "the stored square \(dataRoot) is damaged in segment \(segment)"
        case .corrupt(.squareSize(let dataRoot)):
            "the stored square \(dataRoot) has the wrong size"
        case .corrupt(.value(let table)): "a value of the index table \(table) is damaged"
        case .corrupt(.index): "the index is damaged"
        case .missing: "not stored"
        case .conflict(let height): "height \(height) is stored with another data root"
        case .locked(let path): "\(path) is in use by another process; stop it first"
        case .layout(let path, let found):
            "\(path) has data layout '\(found)', this release knows '\(DataDirectory.layout)'"
        case .malformed(let path, let fault): "\(path): \(fault)"
        case .otherSlice(let path, let kept?):
            "\(path) keeps slice \(kept) of each square; say --slice \(kept), or use another directory"
        case .otherSlice(let path, nil):
            "\(path) keeps whole squares; leave --slice out, or use another directory"
        case .overLimit(let what, let limit, let actual):
            "\(what) is \(actual), the limit is \(limit)"
        case .misuse(let what): what
        }
    }
}
