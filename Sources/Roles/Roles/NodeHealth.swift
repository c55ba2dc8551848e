// SPDX-License-Identifier: Apache-2.0

/// Whether a node can do its work, and what is in the way.
///
/// A node is *ready* when nothing is; a balancer passes over one that is not. Whoever finds a new
/// kind of trouble sets it here, and `/readyz`, `/status`, metrics and `quadrat status` tell it.
/// Specified in Protocol/19-observability.md#ready.
package struct NodeHealth: Hashable, Sendable {
    /// What a node is made of, as operators see it.
    package enum Part: String, CaseIterable, Hashable, Sendable {
        /// Following the chain's headers.
        case headers
        /// Peers to ask.
        case peers
        /// The disk.
        case store
        /// The chain's own rules.
        case chain
    }

    /// One thing that is in the way.
    package struct Obstacle: Hashable, Sendable {
        /// Which part cannot do its work.
        package let part: Part
        /// Why, in a phrase.
        package let reason: String

        /// Names it.
        package init(_ part: Part, _ reason: String) {
            self.part = part
            self.reason = reason
        }
    }

    /// A block that is proven to break the chain's rules.
    package struct Fraud: Hashable, Sendable {
        /// Its height.
        package let height: UInt64
        /// What was proven, in a phrase.
        package let reason: String
    }

    /// How far behind the network a node is.
    package struct Lag: Hashable, Sendable {
        /// The newest verified height, 0 for none.
        package let head: UInt64
        /// The newest height that peers claim.
        package let network: UInt64

        /// Takes both heights.
        package init(head: UInt64, network: UInt64) {
            self.head = head
            self.network = network
        }
    }

    /// How far behind it is; nil while it follows.
    package var lag: Lag?
    /// Whether it has nobody to ask, though it needs somebody.
    package var isAlone = false
    /// Why a committee of which this node is a member decides nothing; nil while it can.
    package var silence: String?
    /// Why the last store failed; nil since one succeeded.
    package var storeFault: String?
    /// Why there is no room for more squares; nil while there is.
    package var shortage: String?
    /// The first block that is proven to break the rules; there is no way back from it.
    package private(set) var fraud: Fraud?

    /// Nothing is in the way.
    package init() {}

    /// Notes that a block is proven to break the rules; the first one stays.
    package mutating func fraudIsProven(height: UInt64, reason: String) {
        if fraud == nil { fraud = Fraud(height: height, reason: reason) }
    }

    /// What is in the way, in the order of the parts.
    package var obstacles: [Obstacle] {
        var found: [Obstacle] = []
        if let lag {
            found.append(
                Obstacle(
                    .headers,
                    lag.head == 0
                        ? "no header yet" : "at height \(lag.head) of \(lag.network)"))
        }
        if isAlone { found.append(Obstacle(.peers, "no peer is connected")) }
        if let storeFault { found.append(Obstacle(.store, storeFault)) }
        if storeFault == nil, let shortage { found.append(Obstacle(.store, shortage)) }
        if let silence { found.append(Obstacle(.chain, silence)) }
        if let fraud {
            found.append(Obstacle(.chain, "block \(fraud.height): \(fraud.reason)"))
        }
        return found
    }

    /// Whether nothing is in the way.
    package var isReady: Bool { obstacles.isEmpty }

    /// A line for each part, then the verdict: what `/readyz` answers.
    package var text: String {
        let obstacles = obstacles
        let lines = Part.allCases.map { part in
            guard let obstacle = obstacles.first(where: { $0.part == part }) else {
                return "[+] \(part.rawValue)\n"
            }
            return "[-] \(part.rawValue): \(obstacle.reason)\n"
        }
        return lines.joined() + (obstacles.isEmpty ? "ready" : "not ready")
    }
}
