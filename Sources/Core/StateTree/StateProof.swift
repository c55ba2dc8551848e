// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// That a key has a value in a state, for whoever has only the root.
public struct StatePresence: Hashable, Sendable {
    /// The key and its value.
    public let entry: StateEntry
    /// The nodes beside the way from the leaf to the root, from the leaf upwards.
    ///
    /// On which side each one is, the key's path says. Those without entries are zero.
    public let siblings: [Bytes32]

    /// Takes the parts as they are; `root` says where they lead.
    public init(entry: StateEntry, siblings: [Bytes32]) {
        self.entry = entry
        self.siblings = siblings
    }

    /// The root that the proof leads to, or nil when no tree can have it.
    public var root: Bytes32? {
        guard entry.hasLegalSizes, siblings.count <= 256 else { return nil }
        let path = StateEntry.path(of: entry.key)
        var node = entry.leafHash
        for (index, sibling) in siblings.enumerated() {
            node =
                path.bit(siblings.count - 1 - index)
                ? StateEntry.innerHash(sibling, node) : StateEntry.innerHash(node, sibling)
        }
        return node
    }

    /// The node beside the way at a depth below the root, which must be less than their count.
    func sibling(at depth: Int) -> Bytes32 { siblings[siblings.count - 1 - depth] }
}

/// That a key has no value in a state: the entries beside its place, with nothing between them.
public struct StateAbsence: Hashable, Sendable {
    /// The key.
    public let key: [UInt8]
    /// The last entry before the key's path, if there is one.
    public let left: StatePresence?
    /// The first entry behind it, if there is one.
    public let right: StatePresence?

    /// Takes the parts as they are; `verify` judges them.
    public init(key: [UInt8], left: StatePresence?, right: StatePresence?) {
        self.key = key
        self.left = left
        self.right = right
    }

    /// Whether this shows that `key` has no value under `root`.
    public func verify(root: Bytes32) -> Bool {
        guard (1...StateEntry.keySizeBytesMax).contains(key.count) else { return false }
        let path = StateEntry.path(of: key)
        let before = left.map { StateEntry.path(of: $0.entry.key) }
        let behind = right.map { StateEntry.path(of: $0.entry.key) }
        guard left.map({ $0.root == root }) ?? true, right.map({ $0.root == root }) ?? true,
            before.map({ $0 < path }) ?? true, behind.map({ path < $0 }) ?? true
        else { return false }
        switch (left, right) {
        case (nil, nil): return root == StateTree.emptyRoot
        case (let left?, nil): return Self.isOutermost(left, from: 0, on: false)
        case (nil, let right?): return Self.isOutermost(right, from: 0, on: true)
        case (let left?, let right?): return Self.areNeighbours(left, right)
        }
    }

    /// Whether no entry is on the far side: right of the way, or left when `onLeft`, below a depth.
    private static func isOutermost(
        _ proof: StatePresence, from depth: Int, on onLeft: Bool
    ) -> Bool {
        let path = StateEntry.path(of: proof.entry.key)
        for depth in depth..<max(depth, proof.siblings.count)
        where path.bit(depth) == onLeft && !proof.sibling(at: depth).isZero {
            return false
        }
        return true
    }

    /// Whether no entry is between two: their ways part once, and run along that gap from there.
    private static func areNeighbours(_ left: StatePresence, _ right: StatePresence) -> Bool {
        let parting = StateEntry.path(of: left.entry.key).sharedBits(
            with: StateEntry.path(of: right.entry.key))
        return parting < left.siblings.count && parting < right.siblings.count
            && isOutermost(left, from: parting + 1, on: false)
            && isOutermost(right, from: parting + 1, on: true)
    }
}

/// What a state says of a key, provable to whoever has only the root.
///
/// Its wire form is an ICS-23 `CommitmentProof` that any verifier accepts under the `SmtSpec`; ours
/// is stricter: directions are those of the key's path, and one proof has one form. Specified in
/// Protocol/23-state-tree.md#state-proof.
public enum StateProof: Hashable, Sendable {
    /// The key has a value.
    case present(StatePresence)
    /// The key has none.
    case absent(StateAbsence)

    /// What a proof can show.
    public enum Verdict: Hashable, Sendable {
        /// The key's value.
        case value([UInt8])
        /// There is none.
        case absent
    }

    /// What the proof shows of `key` under `root`; nil when it shows nothing.
    public func verify(_ key: [UInt8], root: Bytes32) -> Verdict? {
        switch self {
        case .present(let proof):
            proof.entry.key == key && proof.root == root ? .value(proof.entry.value) : nil
        case .absent(let proof): proof.key == key && proof.verify(root: root) ? .absent : nil
        }
    }
}
