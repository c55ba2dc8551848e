// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What a contract said while it ran.
public struct Log: Hashable, Sendable {
    /// The contract.
    public var address: Address
    /// Up to four words to search by.
    public var topics: [UInt256]
    /// Anything.
    public var data: [UInt8]

    /// Joins its parts.
    public init(address: Address, topics: [UInt256], data: [UInt8]) {
        self.address = address
        self.topics = topics
        self.data = data
    }

    /// Address, topics, data.
    public func write(to writer: inout RLPWriter) {
        writer.list { list in
            list.address(address)
            list.list { words in
                for topic in topics { words.fixed(topic.bytes32) }
            }
            list.string(data)
        }
    }
}

/// What became of a transaction, as a block's receipts root commits to it.
public struct Receipt: Hashable, Sendable {
    /// How it ended: before Byzantium the state root after it, since then whether it succeeded.
    public enum Outcome: Hashable, Sendable {
        /// The root of the state after it.
        case stateRoot(Bytes32)
        /// Whether it succeeded (EIP-658).
        case status(Bool)
    }

    /// The transaction's type.
    public var kind: Transaction.Kind
    /// How it ended.
    public var outcome: Outcome
    /// Gas that the block used up to and with it.
    public var cumulativeGasUsed: UInt64
    /// What contracts said.
    public var logs: [Log]
    /// The bits of the logs.
    public var bloom: Bloom

    /// Joins its parts and computes the bloom.
    public init(
        kind: Transaction.Kind, outcome: Outcome, cumulativeGasUsed: UInt64, logs: [Log]
    ) {
        self.kind = kind
        self.outcome = outcome
        self.cumulativeGasUsed = cumulativeGasUsed
        self.logs = logs
        bloom = Bloom(logs)
    }

    /// The bytes that the receipts trie holds.
    public var encoding: [UInt8] {
        var writer = RLPWriter()
        writer.list { list in
            switch outcome {
            case .stateRoot(let root): list.fixed(root)
            case .status(let succeeded): list.integer(succeeded ? 1 : 0 as UInt64)
            }
            list.integer(cumulativeGasUsed)
            list.fixed(bloom.bytes)
            list.list { entries in
                for log in logs { log.write(to: &entries) }
            }
        }
        return kind == .legacy ? writer.bytes : [kind.rawValue] + writer.bytes
    }
}
