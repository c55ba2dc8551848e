// SPDX-License-Identifier: Apache-2.0

internal import Roles
package import StateTree
internal import Synchronization

/// The nodes of a ledger's tree on a simulated disk.
///
/// A node reads them while it runs, whenever it needs one, so they are shared and not copied. Those
/// that no version has any more are gone at once, so that whoever reads too late is found out.
package final class SimulatedNodes: Sendable {
    private struct Content {
        var nodes: [[UInt8]: [UInt8]] = [:]
        var stale: [(version: UInt64, keys: [[UInt8]])] = []
        var reads = 0
    }

    private let content = Mutex(Content())

    /// None.
    package init() {}

    /// How many there are, and how many were read.
    package var counts: (nodes: Int, reads: Int) {
        content.withLock { ($0.nodes.count, $0.reads) }
    }

    /// The nodes as one run of a node sees them.
    package var opened: any WatchedNodeStore { OpenedNodes(self) }

    fileprivate func read(_ key: NodeKey) -> [UInt8]? {
        content.withLock { content in
            content.reads += 1
            return content.nodes[key.bytes]
        }
    }

    /// Flips a bit of every node, as a rotten disk would.
    package func damage() {
        content.withLock { content in
            content.nodes = content.nodes.mapValues { bytes in
                var bytes = bytes
                bytes[bytes.count - 1] ^= 1
                return bytes
            }
        }
    }

    func forget() {
        content.withLock { content in
            content.nodes = [:]
            content.stale = []
        }
    }

    func apply(_ commit: StateCommit) {
        content.withLock { content in
            let dropped = commit.dropped
            if !dropped.isEmpty {
                content.nodes = content.nodes.filter { key, _ in
                    !dropped.contains(key.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
                }
                content.stale.removeAll { dropped.contains($0.version) }
            }
            for node in commit.written { content.nodes[node.key] = node.bytes }
            for key in commit.removed { content.nodes[key] = nil }
            content.stale += commit.stale
            for list in content.stale where list.version <= commit.oldestRead {
                for key in list.keys { content.nodes[key] = nil }
            }
            content.stale.removeAll { $0.version <= commit.oldestRead }
        }
    }
}

/// The nodes of a simulated disk, opened by one run of a node.
private final class OpenedNodes: WatchedNodeStore {
    private let nodes: SimulatedNodes
    private let failure = Mutex<StateTreeFault?>(nil)

    init(_ nodes: SimulatedNodes) {
        self.nodes = nodes
    }

    var fault: StateTreeFault? { failure.withLock { $0 } }

    func read(_ key: NodeKey) throws(StateTreeFault) -> [UInt8]? { nodes.read(key) }

    func note(_ fault: StateTreeFault) {
        failure.withLock { $0 = $0 ?? fault }
    }
}
