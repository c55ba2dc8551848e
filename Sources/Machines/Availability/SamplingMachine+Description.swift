// SPDX-License-Identifier: Apache-2.0

internal import DataSquare

/// How an effect reads in a golden script, a log line and a simulator trace.
extension SamplingMachine.Effect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .request(let coordinates, let peer):
            "request "
                + coordinates.map { "(\($0.row),\($0.column))" }.joined(separator: " ")
                + " from \(peer)"
        case .wantsPeers(let count): "wants \(count) peers"
        case .late(let peer): "late \(peer)"
        case .wake(let instant): "wake at \(instant)"
        case .penalize(let peer): "penalize \(peer)"
        case .conclude(.available, let receipts):
            "conclude available on \(receipts.count) receipts"
        case .conclude(.withheld(let missing), _):
            "conclude withheld "
                + missing.map { "(\($0.row),\($0.column))" }.joined(separator: " ")
        }
    }
}
