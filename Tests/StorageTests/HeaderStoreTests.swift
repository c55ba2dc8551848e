// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Storage
import Testing

@Suite struct HeaderStoreTests {
    /// Headers are found by height and by hash, consecutive ones together, after reopening too.
    @Test func headersAreFound() throws {
        let scratch = try ScratchDirectory()
        let headers = try [1, 2, 3, 5, 6, 9].map { try Self.header($0) }
        try Self.store(scratch).put(headers)
        let store = try Self.store(scratch)
        for header in headers {
            #expect(try store.header(at: header.height) == header)
            #expect(try store.header(hash: header.hash) == header)
            #expect(try store.hash(at: header.height) == header.hash)
        }
        #expect(try store.header(at: Height(4)) == nil)
        #expect(try store.header(hash: Bytes32()) == nil)
        #expect(try store.headers(from: Height(1), limit: 9) == Array(headers[..<3]))
        #expect(try store.headers(from: Height(2), limit: 1) == [headers[1]])
        #expect(try store.headers(from: Height(4), limit: 9) == [])
        #expect(try store.headers(from: Height(1), limit: -1) == [])
        #expect(try store.head() == headers.last)
        #expect(try store.tail() == headers.first)
        #expect(
            try store.ranges() == [
                Height(1)...Height(3), Height(5)...Height(6), Height(9)...Height(9),
            ])
    }

    /// Another header at a height that has one is a conflict, and then nothing of the call is kept.
    @Test func forksAreRefused() throws {
        let scratch = try ScratchDirectory()
        let store = try Self.store(scratch)
        let first = try Self.header(2)
        try store.put([first])
        try store.put([first])
        #expect(throws: StorageFault.conflict(height: Height(2))) {
            try store.put([try Self.header(1), try Self.header(2, appVersion: 7)])
        }
        #expect(try store.header(at: Height(1)) == nil)
        #expect(try store.header(at: Height(2)) == first)
    }

    /// Removed headers are gone under both names.
    @Test func removedHeadersAreGone() throws {
        let scratch = try ScratchDirectory()
        let store = try Self.store(scratch)
        let headers = try (1...4).map { try Self.header($0) }
        try store.put(headers)
        try store.remove(heights: [Height(1), Height(2), Height(77)])
        #expect(try store.header(hash: headers[0].hash) == nil)
        #expect(try store.header(at: Height(2)) == nil)
        #expect(try store.tail() == headers[2])
        #expect(try store.ranges() == [Height(3)...Height(4)])
    }

    /// Headers without roots come back as they were; their one set stands there once.
    @Test func headersWithoutRootsAreKept() throws {
        let scratch = try ScratchDirectory()
        let whole = try (1...6).map { try Self.header($0) }
        let headers = whole[..<4].map(\.withoutRoots) + whole[4...]
        let index = try KeyValueStore(directory: scratch.path)
        try HeaderStore(index: index).put(headers)
        let store = HeaderStore(index: index)
        for header in headers {
            #expect(try store.header(at: header.height) == header)
            #expect(try store.header(hash: header.hash) == header)
        }
        #expect(headers[0].extended == nil && headers[0].width == 4)
        #expect(try store.headers(from: Height(1), limit: 9) == headers)
        let sets = try index.read { (view) throws(StorageFault) in
            try view.range(.validatorSets, from: [], limit: 9)
        }
        #expect(sets.map(\.key) == [whole[0].validatorSet.hash.array])
        _ = try index.write { (change) throws(StorageFault) in
            try change.delete(.validatorSets, whole[0].validatorSet.hash.array)
        }
        #expect(throws: StorageFault.self) {
            try HeaderStore(index: index).header(at: Height(1))
        }
    }

    /// An empty store has nothing, and says so without a fault.
    @Test func emptyStore() throws {
        let scratch = try ScratchDirectory()
        let store = try Self.store(scratch)
        try store.put([])
        #expect(try store.head() == nil)
        #expect(try store.tail() == nil)
        #expect(try store.ranges() == [])
    }

    private static func store(_ scratch: ScratchDirectory) throws -> HeaderStore {
        HeaderStore(index: try KeyValueStore(directory: scratch.path))
    }

    private static func header(_ height: UInt64, appVersion: UInt64 = 6) throws -> ChainHeader {
        let square = try SampleSquares.make(width: 2, seed: "header \(height)")
        return ChainHeader(
            try SampleHeaders.make(
                height, SampleSquares.header(of: square), appVersion: appVersion))
    }
}
