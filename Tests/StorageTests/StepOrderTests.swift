// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Storage
import Synchronization
import Testing

/// Steps by name, with the last part of what they touch.
private final class StepList: Sendable {
    private let steps = Mutex<[String]>([])

    func note(_ step: StorageStep, _ path: String) {
        steps.withLock { $0.append("\(step.rawValue) \(path.split(separator: "/").last ?? "")") }
    }

    /// The steps since the last call, one name for the square's file.
    func take(_ name: String) -> [String] {
        steps.withLock { steps in
            defer { steps = [] }
            return steps.map { $0.replacing(name, with: "ROOT") }
        }
    }
}

/// The order that a power cut demands, which killing a process cannot show: bytes before names,
/// names before the index, the index before anything is taken away.
@Suite struct StepOrderTests {
    @Test func orderOfEveryRequest() throws {
        let scratch = try ScratchDirectory()
        let list = StepList()
        let storage = try NodeStorage(
            scratch.path, fault: WriteFault(observer: { list.note($0, $1) }))
        let block = try SampleSquares.block(7, width: 2, seed: "order")
        let name = Hex.encode(block.header.dataRoot.array, uppercase: true)
        _ = list.take(name)
        let written = [
            "create ROOT.ods.temporary", "write ROOT.ods.temporary", "write ROOT.ods.temporary",
            "sync ROOT.ods.temporary", "rename ROOT.ods", "syncDirectory blocks",
        ]
        try storage.squares.put([block])
        #expect(
            list.take(name) == written + ["link 7.ods", "syncDirectory heights", "commit index"])
        try storage.squares.put([block])
        #expect(list.take(name) == ["syncDirectory heights", "commit index"])
        try scratch.change("blocks/\(name).ods") { $0[900] ^= 1 }
        #expect(throws: StorageFault.self) { try storage.squares.check(.at(7)) }
        #expect(list.take(name) == ["commit index"])
        try storage.squares.put([block])
        #expect(
            list.take(name) == written + [
                "link 7.ods", "unlink 7.ods", "link 7.ods", "syncDirectory heights", "commit index",
            ])
        try storage.squares.remove(heights: [Height(7)])
        #expect(
            list.take(name) == [
                "commit index", "unlink 7.ods", "unlink ROOT.ods", "syncDirectory heights",
                "syncDirectory blocks", "commit index",
            ])
        try storage.states.put("agreement/vote", [1])
        #expect(list.take(name) == ["commit index"])
        try storage.keys.add(
            StoredKey(name: "main", purpose: .account, secret: Bytes32(repeating: 1)))
        #expect(
            list.take(name) == [
                "create main.key.temporary", "write main.key.temporary", "sync main.key.temporary",
                "link main.key", "unlink main.key.temporary", "syncDirectory keys",
            ])
    }

    /// Every prefix and every longer form of an index entry is refused, none is misread.
    @Test func recordsAreReadWholeOrNotAtAll() throws {
        let block = try SampleSquares.block(7, width: 8, seed: "record", tail: 5)
        let record = SquareRecord(
            width: 8, header: SquareFile.encodeHeader(block.header),
            storedShares: SquareFile.storedShares(of: block.square))
        let bytes = record.encode()
        #expect(try SquareRecord(decoding: bytes) == record)
        for count in 0..<bytes.count {
            #expect(throws: DecodeFault.self) { try SquareRecord(decoding: Array(bytes[..<count])) }
        }
        #expect(throws: DecodeFault.self) { try SquareRecord(decoding: bytes + [0]) }
        for place in 0..<3 {
            var changed = bytes
            changed[place] ^= 0x55
            #expect(throws: DecodeFault.self) { try SquareRecord(decoding: changed) }
        }
    }
}
