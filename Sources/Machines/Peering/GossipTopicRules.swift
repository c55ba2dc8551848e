// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain

/// What names a message between nodes, where only its name is told.
package typealias GossipID = [UInt8]

/// How the messages of one topic are signed, named and scored.
package struct GossipTopicRules: Hashable, Sendable {
    /// What a message is called when nodes tell each other that they have it.
    package enum Naming: Hashable, Sendable {
        /// Author ‖ sequence, the default of libp2p.
        case authorAndSequence
        /// BLAKE2b-256 of the data, Celestia's default.
        case contentHash
        /// What the header's commit is for, as text: one name for all commits of one block.
        ///
        /// Source: celestia-node header/serde.go, `MsgID`.
        case committedBlock
    }

    /// The topic.
    package var name: String
    /// What it asks of signatures.
    package var signing = GossipSigning.strict
    /// What its messages are called.
    package var naming: Naming
    /// What peers earn in it; nil: nothing.
    package var scoring: GossipTopicScoring?

    /// Names a topic.
    package init(_ name: String, naming: Naming, scoring: GossipTopicScoring? = nil) {
        self.name = name
        self.naming = naming
        self.scoring = scoring
    }

    /// The name of a message.
    package func id(of message: GossipMessage) -> GossipID {
        switch naming {
        case .authorAndSequence: (message.author ?? []) + (message.sequence ?? [])
        case .contentHash: Sodium.blake2b256(message.data ?? [])
        case .committedBlock:
            Self.committedBlock(message.data ?? []) ?? Sodium.blake2b256(message.data ?? [])
        }
    }

    /// What tells a message from others here, which two different ones never share.
    ///
    /// The name of a block says nothing of the bytes that claim to be it: whoever sends nonsense
    /// under a true block's name must not keep the block from us.
    func key(of message: GossipMessage, id: GossipID) -> GossipID {
        naming == .committedBlock ? Sodium.blake2b256(message.data ?? []) : id
    }

    /// Whether a name says all of what it names, so that one verdict settles it.
    var isNameOfContent: Bool { naming != .committedBlock }

    /// `HASH:total:PARTSHASH6`, in upper case; the second hash by its first six bytes.
    private static func committedBlock(_ header: [UInt8]) -> GossipID? {
        do throws(DecodeFault) {
            var reader = ProtobufReader(header)
            var commit: ArraySlice<UInt8>?
            while let field = try reader.next() {
                if field.number == 2 { commit = try field.bytes() }
            }
            guard let commit else { return nil }
            let block = try Commit(protobuf: commit).blockID
            guard let hash = block.hash, let parts = block.partSetHash else { return nil }
            let header = Hex.encode(hash.array, uppercase: true)
            let square = Hex.encode(parts.array.prefix(6), uppercase: true)
            return Array("\(header):\(block.partSetTotal):\(square)".utf8)
        } catch {
            return nil
        }
    }
}
