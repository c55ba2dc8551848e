// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Cryptography

/// A place in Kademlia's space of 256 bits: SHA-256 of a peer id or of a content key.
///
/// How near two places are is their exclusive or, read as a number.
/// Specified in Protocol/13-discovery.md#distance.
package struct KademliaKey: Hashable, Sendable {
    private let words: InlineArray<4, UInt64>

    /// The place of a peer id's or a content key's bytes.
    package init(hashing bytes: [UInt8]) {
        self.init(SHA256.hash(bytes))
    }

    /// The place of a peer.
    package init(of peer: PeerIdentifier) {
        self.init(hashing: peer.bytes)
    }

    /// The place whose bytes these are.
    package init(_ bytes: Bytes32) {
        var words = InlineArray<4, UInt64>(repeating: 0)
        for index in 0..<32 { words[index / 8] = words[index / 8] << 8 | UInt64(bytes[index]) }
        self.words = words
    }

    private init(words: InlineArray<4, UInt64>) {
        self.words = words
    }

    /// The exclusive or with another place.
    package func distance(to other: KademliaKey) -> KademliaKey {
        var result = InlineArray<4, UInt64>(repeating: 0)
        for index in 0..<4 { result[index] = words[index] ^ other.words[index] }
        return KademliaKey(words: result)
    }

    /// How many bits it shares with another place from the first on, 0 to 256.
    package func commonPrefix(with other: KademliaKey) -> Int {
        for index in 0..<4 where words[index] != other.words[index] {
            return index * 64 + (words[index] ^ other.words[index]).leadingZeroBitCount
        }
        return 256
    }

    package static func == (lhs: KademliaKey, rhs: KademliaKey) -> Bool {
        for index in 0..<4 where lhs.words[index] != rhs.words[index] { return false }
        return true
    }

    package func hash(into hasher: inout Hasher) {
        for index in 0..<4 { hasher.combine(words[index]) }
    }
}

extension KademliaKey: Comparable {
    package static func < (lhs: KademliaKey, rhs: KademliaKey) -> Bool {
        for index in 0..<4 where lhs.words[index] != rhs.words[index] {
            return lhs.words[index] < rhs.words[index]
        }
        return false
    }
}

/// What peers with a common purpose are found by: the multihash of the content id of a topic's text.
///
/// The content id has version 1, codec raw (55 hexadecimal) and SHA-256, as go-libp2p's routing
/// discovery makes it. Providers of it are the peers of the topic.
/// Specified in Protocol/13-discovery.md#topics.
package enum DiscoveryTopic: String, Hashable, Sendable, CaseIterable {
    /// Those who serve the squares of recent blocks.
    case full = "/full/v0.1.0"
    /// Those who serve the squares of all blocks.
    case archival = "/archival/v0.1.0"
    /// Those who serve some rows of the squares of recent blocks.
    case sliced = "/quadrat/sliced/v0.0.1"

    /// The bytes that stand as `key` in provider messages.
    package var key: [UInt8] { Self.key(rawValue) }

    /// The key of any topic.
    package static func key(_ topic: String) -> [UInt8] {
        Multihash(
            code: Multihash.sha256Code, digest: SHA256.hash(Array(topic.utf8)).array
        ).encode()
    }
}
