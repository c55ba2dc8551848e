// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// What hangs below a node of the index.
enum IndexChild: Sendable {
    /// A key that is alone there.
    case key([UInt8])
    case page(IndexPage)
    /// A node in the store: its version and the beginning of all its keys.
    case stub(version: UInt64, place: [UInt8])

    /// The key, or the beginning of all keys below.
    var place: [UInt8] {
        switch self {
        case .key(let key): key
        case .page(let page): page.place
        case .stub(_, let place): place
        }
    }

    func isSame(as other: IndexChild) -> Bool {
        switch (self, other) {
        case (.key(let mine), .key(let its)): mine == its
        case (.page(let mine), .page(let its)): mine === its
        case (.stub(let mine, let here), .stub(let its, let there)):
            mine == its && here == there
        default: false
        }
    }
}

/// A node of the index of keys: all keys with one beginning, parted by the byte behind it.
///
/// The index is a radix tree over the keys themselves, so it lists them in their order, which the
/// state tree, ordered by hashes, cannot. No root commits to it. Only new and removed keys change
/// it, and like the state tree it shares between versions what is alike.
final class IndexPage: Sendable {
    let version: UInt64
    /// The beginning.
    let place: [UInt8]
    /// Whether it is a key itself.
    let isKey: Bool
    /// By rising byte behind the beginning; together with `isKey` at least two.
    let children: [IndexChild]

    init(version: UInt64, place: [UInt8], isKey: Bool, children: [IndexChild]) {
        self.version = version
        self.place = place
        self.isKey = isKey
        self.children = children
    }

    var key: NodeKey { .index(version, place: place) }
}

/// One key that appears or disappears.
struct IndexEdit {
    let key: [UInt8]
    let isThere: Bool
}

/// One pass over the index with edits in the order of their keys.
struct IndexUpdate {
    let version: UInt64
    let store: any NodeStore
    var written: [IndexPage] = []
    var stale: [NodeKey] = []

    init(version: UInt64, store: any NodeStore) {
        self.version = version
        self.store = store
    }

    /// Applies edits; the result shares with `child` what they do not touch.
    mutating func apply(
        _ edits: ArraySlice<IndexEdit>, to child: IndexChild?
    ) throws(StateTreeFault) -> IndexChild? {
        guard let first = edits.first, let last = edits.last else { return child }
        switch child {
        case nil:
            return build(edits.filter(\.isThere).map(\.key)[...])
        case .key(let key):
            var keys = edits.filter(\.isThere).map(\.key)
            if !edits.contains(where: { $0.key == key }) {
                keys.insert(
                    key,
                    at: keys.firstIndex { key.lexicographicallyPrecedes($0) }
                        ?? keys.endIndex)
            }
            return build(keys[...])
        case .page, .stub:
            let place = child?.place ?? []
            let shared = min(
                place.sharedBytes(with: first.key), place.sharedBytes(with: last.key))
            if shared < place.count, let child {
                // Some edits leave the page's beginning: it becomes a child of a wider one.
                return try part(
                    edits, at: Array(place[..<shared]), isKey: false, children: [child])
            }
            guard let page = try child?.page(in: store) else { return nil }
            let result = try part(
                edits, at: place, isKey: page.isKey, children: page.children, of: page)
            if case .page(let same) = result, same === page { return child }
            stale.append(page.key)
            return result
        }
    }

    /// Hands each child its edits, and makes the node anew.
    private mutating func part(
        _ edits: ArraySlice<IndexEdit>, at place: [UInt8], isKey: Bool, children: [IndexChild],
        of page: IndexPage? = nil
    ) throws(StateTreeFault) -> IndexChild? {
        var isKey = isKey
        var edits = edits
        var isChanged = false
        if let first = edits.first, first.key.count == place.count {
            isChanged = isKey != first.isThere
            isKey = first.isThere
            edits.removeFirst()
        }
        var made: [IndexChild] = []
        made.reserveCapacity(children.count + 1)
        var rest = children[...]
        while let edit = edits.first {
            let byte = edit.key[place.count]
            while let child = rest.first, child.place[place.count] < byte {
                made.append(rest.removeFirst())
            }
            let end =
                edits.firstIndex { $0.key[place.count] != byte } ?? edits.endIndex
            let group = edits[edits.startIndex..<end]
            edits = edits[end...]
            var old: IndexChild?
            if let child = rest.first, child.place[place.count] == byte { old = rest.removeFirst() }
            let new = try apply(group, to: old)
            if let new { made.append(new) }
            switch (old, new) {
            case (nil, nil): break
            case (let old?, let new?): isChanged = isChanged || !old.isSame(as: new)
            default: isChanged = true
            }
        }
        made.append(contentsOf: rest)
        if !isChanged, let page { return .page(page) }
        return node(at: place, isKey: isKey, children: made)
    }

    /// The smallest part of the index with these keys, which are in order and differ.
    private mutating func build(_ keys: ArraySlice<[UInt8]>) -> IndexChild? {
        guard let first = keys.first, let last = keys.last else { return nil }
        guard keys.count > 1 else { return .key(first) }
        let shared = first.sharedBytes(with: last)
        var rest = keys
        let isKey = first.count == shared
        if isKey { rest.removeFirst() }
        var children: [IndexChild] = []
        while let next = rest.first {
            let end = rest.firstIndex { $0[shared] != next[shared] } ?? rest.endIndex
            if let child = build(rest[rest.startIndex..<end]) { children.append(child) }
            rest = rest[end...]
        }
        return node(at: Array(first[..<shared]), isKey: isKey, children: children)
    }

    /// A node, or what stands for it when it would have fewer than two things below.
    private mutating func node(
        at place: [UInt8], isKey: Bool, children: [IndexChild]
    ) -> IndexChild? {
        if children.isEmpty { return isKey ? .key(place) : nil }
        if children.count == 1, !isKey { return children[0] }
        let page = IndexPage(version: version, place: place, isKey: isKey, children: children)
        written.append(page)
        return .page(page)
    }
}

extension [UInt8] {
    /// How many first bytes two share.
    func sharedBytes(with other: [UInt8]) -> Int {
        let limit = Swift.min(count, other.count)
        for index in 0..<limit where self[index] != other[index] { return index }
        return limit
    }
}
