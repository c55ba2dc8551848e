// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Roles
internal import Syncing

extension Observation {
    /// How it reads in a trace; nil for what happens too often to read.
    var traceLine: String? {
        switch self {
        case .head(let header): "head \(header.height) \(header.hash.hex.prefix(8))"
        case .progressed: nil
        case .squareStored(let height, let root): "stored square \(height) \(root.hex.prefix(8))"
        case .sampled(let height, let isAvailable, let confidence):
            "sampled \(height) \(isAvailable ? "available" : "withheld") \(confidence) ppm"
        case .pruned(let heights):
            "pruned \(heights.map(String.init).joined(separator: " "))"
        case .backfill(let progress): "backfill \(progress.percent) %"
        case .storage(_, let shortage): shortage.map { "has no room: \($0)" }
        case .scrubbed(let height, let isIntact):
            isIntact ? nil : "found \(height) damaged"
        case .peer(let peer, let isConnected):
            "peer \(peer.suffix(6)) \(isConnected ? "is here" : "left")"
        case .penalized(let peer, let reason): "penalizes \(peer.suffix(6)): \(reason)"
        case .fraud(let height, let reason): "fraud \(height): \(reason)"
        case .alarm(let height, let row): "alarm: row \(row) of square \(height)"
        case .counted: nil
        case .note(let text): "notes: \(text)"
        case .incident(let text): "incident: \(text)"
        }
    }
}

extension Result where Success == RPCResponse, Failure == RPCFault {
    /// How it reads in a trace.
    var traceLine: String {
        switch self {
        case .success(.included(let outcome)): "included at \(outcome.height)"
        case .success(.header(let header)): "header \(header.height)"
        case .success: "done"
        case .failure(let fault): "refused, \(fault.text)"
        }
    }
}
