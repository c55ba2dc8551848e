// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import Ledger
package import Peering
internal import StateTree

/// Entries of the ledger that are looked up at others, who prove each under a header's app hash.
///
/// Specified in Protocol/23-state-tree.md#state-question.
package struct ProvenLookup: Sendable {
    /// The header's height.
    package let height: UInt64
    private let root: [UInt8]
    /// What is still to be looked up.
    private var rest: ArraySlice<LedgerLookup>
    /// Behind which key a listing goes on.
    private var after: [UInt8] = []
    private var listedCount = 0
    /// What was proven so far.
    package private(set) var excerpt = LedgerExcerpt()
    /// The proofs of single keys, in their order.
    package private(set) var proofs: [[UInt8]] = []

    /// Begins under a header that is verified.
    package init(_ lookups: [LedgerLookup], under header: ChainHeader) {
        self.init(lookups, height: header.height.value, appHash: header.header.appHash)
    }

    /// Begins under an app hash.
    package init(_ lookups: [LedgerLookup], height: UInt64, appHash: [UInt8]) {
        self.height = height
        root = appHash
        rest = lookups[...]
    }

    /// Whether everything was looked up.
    package var isComplete: Bool { rest.isEmpty }

    /// The next question: as many keys as one may have, or a part of a listing.
    package var question: StateQuestion {
        if case .entries(let prefix) = rest.first {
            return StateQuestion(
                height: height, range: StateQuestion.Range(prefix: prefix, after: after))
        }
        return StateQuestion(height: height, keys: nextKeys)
    }

    private var nextKeys: [[UInt8]] {
        var keys: [[UInt8]] = []
        for lookup in rest.prefix(StateExchange.keysMax) {
            guard case .entry(let key) = lookup else { break }
            keys.append(key)
        }
        return keys
    }

    /// Takes an answer to `question`.
    ///
    /// - Throws: when it is none, or does not hold under the app hash.
    package mutating func take(_ response: StateResponse) throws(DecodeFault) {
        guard let root = Bytes32(root) else { throw .malformed("a header without an app hash") }
        if case .entries(let prefix) = rest.first {
            return try take(response, listing: prefix, root: root)
        }
        let keys = nextKeys
        guard response.proofs.count == keys.count, response.listed.isEmpty else {
            throw .malformed("\(response.proofs.count) proofs of \(keys.count) keys")
        }
        for (key, bytes) in zip(keys, response.proofs) {
            let proof = try StateProof(protobuf: bytes)
            switch proof.verify(key, root: root) {
            case .value(let value): excerpt.take(key, value)
            case .absent: break
            case nil: throw .malformed("a proof that leads to another app hash")
            }
            proofs.append(bytes)
        }
        rest = rest.dropFirst(keys.count)
    }

    private mutating func take(
        _ response: StateResponse, listing prefix: [UInt8], root: Bytes32
    ) throws(DecodeFault) {
        guard response.proofs.isEmpty, !response.hasMore || !response.listed.isEmpty else {
            throw .malformed("a listing that goes on nowhere")
        }
        for bytes in response.listed {
            guard case .present(let presence) = try StateProof(protobuf: bytes),
                presence.root == root
            else { throw .malformed("a proof that leads to another app hash") }
            let key = presence.entry.key
            guard key.starts(with: prefix), after.lexicographicallyPrecedes(key) else {
                throw .malformed("an entry that was not asked for")
            }
            excerpt.take(key, presence.entry.value)
            after = key
            listedCount += 1
            guard listedCount <= LedgerExcerpt.listedMax else {
                throw .malformed("a listing of more than \(LedgerExcerpt.listedMax)")
            }
        }
        guard !response.hasMore else { return }
        rest = rest.dropFirst()
        after = []
    }
}
