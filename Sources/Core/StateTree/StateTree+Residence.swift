// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// What of a tree is in memory.
extension StateTree {
    /// How many pages of the tree and nodes of the index are in memory.
    public var residentCount: Int {
        func pages(_ child: TreeChild?) -> Int {
            guard case .page(let page) = child else { return 0 }
            return page.children.reduce(1) { $0 + pages($1) }
        }
        func nodes(_ child: IndexChild?) -> Int {
            guard case .page(let page) = child else { return 0 }
            return page.children.reduce(1) { $0 + nodes($1) }
        }
        return pages(child) + nodes(index)
    }

    /// Puts by what is too much for memory; everything must be in the store, down to this version.
    ///
    /// The upper levels stay, since every access passes them: as many whole levels as hold at most
    /// `limit` pages of the tree, and as many of the index. Leaves in those levels stay without
    /// their values.
    public mutating func release(keeping limit: Int = residentPagesMax) {
        var level = [child].compactMap { $0 }
        var (depth, kept) = (0, 0)
        while true {
            let pages = level.compactMap { if case .page(let page) = $0 { page } else { nil } }
            guard !pages.isEmpty, kept + pages.count <= limit else { break }
            kept += pages.count
            level = pages.flatMap(\.children)
            depth += 1
        }
        child = child?.cut(below: depth)
        var nodes = [index].compactMap { $0 }
        (depth, kept) = (0, 0)
        while true {
            let pages = nodes.compactMap { if case .page(let page) = $0 { page } else { nil } }
            guard !pages.isEmpty, kept + pages.count <= limit else { break }
            kept += pages.count
            nodes = pages.flatMap(\.children)
            depth += 1
        }
        index = index?.cut(below: depth)
    }
}

extension TreeChild {
    /// The same with pages `levels` below and further down put by.
    fileprivate func cut(below levels: Int) -> TreeChild {
        switch self {
        case .stub: return self
        case .leaf(let leaf):
            return .leaf(
                TreeLeaf(
                    path: leaf.path, valueHash: leaf.valueHash, hash: leaf.hash,
                    version: leaf.version, entry: nil))
        case .page(let page):
            if levels == 0 { return .stub(TreeStub(version: page.version, hash: page.hash)) }
            return .page(TreePage(page, children: page.children.map { $0.cut(below: levels - 1) }))
        }
    }
}

extension IndexChild {
    fileprivate func cut(below levels: Int) -> IndexChild {
        guard case .page(let page) = self else { return self }
        if levels == 0 { return .stub(version: page.version, place: page.place) }
        return .page(
            IndexPage(
                version: page.version, place: page.place, isKey: page.isKey,
                children: page.children.map { $0.cut(below: levels - 1) }))
    }
}
