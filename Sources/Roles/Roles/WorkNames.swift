// SPDX-License-Identifier: Apache-2.0

/// Short names for kinds of work, as metrics label them.

extension Job {
    /// What kind of work it is.
    package var name: String {
        switch self {
        case .commit: "commit"
        case .checkSquare: "check_square"
        case .searchFraud: "search_fraud"
        case .verifyFraud: "verify_fraud"
        case .readTransaction: "read_transaction"
        case .pin: "pin"
        case .checkRows: "check_rows"
        case .repair: "repair"
        case .extendOwn: "extend_own"
        case .extend: "extend"
        case .verifyRows: "verify_rows"
        case .rebuild: "rebuild"
        case .execute: "execute"
        case .verifyStatements: "verify_statements"
        case .snapshotManifest: "snapshot_manifest"
        case .snapshotChunk: "snapshot_chunk"
        }
    }
}

extension StoreRecord {
    /// What kind of record it is.
    package var name: String {
        switch self {
        case .block: "block"
        case .square: "square"
        case .rows: "rows"
        case .headers: "headers"
        case .refusal: "refusal"
        case .values(let values):
            values.contains { $0.name.hasPrefix(CommitteeRecord.squarePrefix) }
                ? "pending_square" : "values"
        case .pins: "pins"
        case .removal: "removal"
        case .state: "state"
        }
    }
}

extension RoleEvent {
    /// What kind of event it is.
    package var name: String {
        switch self {
        case .began: "began"
        case .connected: "connected"
        case .received: "received"
        case .drained: "drained"
        case .disconnected: "disconnected"
        case .stored, .storeFailed, .storeFull: "stored"
        case .signed: "signed"
        case .loaded: "loaded"
        case .computed: "computed"
        case .asked: "asked"
        case .woke: "woke"
        }
    }
}
