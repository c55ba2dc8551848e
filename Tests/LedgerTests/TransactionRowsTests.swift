// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import Ledger
import Testing

/// A block executed from the rows that its transactions stand in, without its blobs.
@Suite struct TransactionRowsTests {
    private struct Block {
        let square: CommittedSquare
        let plain: [[UInt8]]
        let carriers: [BlobTransaction]

        func lines(_ rows: [Int]) -> [HalfLine] {
            rows.map { HalfLine(AxisLine(.row, $0), of: square.square) }
        }
    }

    /// A block of transfers and payments for blobs, some of them signed.
    private static func block(
        transfers: Int, payments: Int, blobSize: Int, ledger: LedgerExample
    ) throws -> Block {
        var sequences: [UInt64] = [0, 0, 0]
        func next(_ signer: Int) -> UInt64 {
            defer { sequences[signer] += 1 }
            return sequences[signer]
        }
        let plain = (0..<transfers).map { number in
            ledger.signers[number % 3].send(
                1 + UInt64(number), to: AccountAddress(Bytes20(repeating: UInt8(number))),
                sequence: next(number % 3)
            ).encode()
        }
        let carriers = try (0..<payments).map { number in
            let signer = ledger.signers[number % 3]
            let blobs = [
                try LedgerExample.blob(blobSize + 100 * number),
                try LedgerExample.blob(1 + number, signer: signer.address),
            ]
            return try signer.payForBlobs(blobs, sequence: next(number % 3))
        }
        let built = try SquareBuilder.construct(
            plain.map { .plain($0) } + carriers.map { .blob($0) }, sizeMaximum: 16)
        let extended = ExtendedDataSquare(extending: built.square)
        return Block(square: CommittedSquare(extended), plain: plain, carriers: carriers)
    }

    private static func read(
        _ rows: TransactionRows, width: Int
    ) throws(LedgerFault) -> [ReadTransaction] {
        try LedgerExample.transition.read(
            rows, originalWidth: width, widthMaximum: 16,
            appVersion: SquareRules.appVersionDefault
        ).transactions
    }

    /// Rows are enough to find the same transactions, gas and state as the whole block gives.
    @Test(arguments: [(0, 0, 0), (1, 0, 0), (0, 1, 10), (30, 0, 0), (7, 5, 3_000), (20, 9, 6_000)])
    func rowsAreEnough(transfers: Int, payments: Int, blobSize: Int) throws {
        let ledger = try LedgerExample()
        let block = try Self.block(
            transfers: transfers, payments: payments, blobSize: blobSize, ledger: ledger)
        let roots = block.square.header
        let indexes = TransactionRows.indexes(in: roots)
        let rows = try TransactionRows(block.lines(indexes), against: roots)
        let contents = try SquareParser.contents(of: block.square.square.originalSquare)
        #expect(rows.transactions == contents.transactions && rows.payForFibre.isEmpty)
        #expect(rows.wrappers.map(\.transaction) == block.carriers.map(\.transaction))
        let found = try Self.read(rows, width: roots.originalWidth)
        var whole: [ReadTransaction] = []
        for bytes in block.plain { whole.append(try LedgerExample.transition.read(bytes)) }
        for carrier in block.carriers {
            whole.append(try LedgerExample.transition.read(carrier))
        }
        #expect(found == whole)
        var state = ledger.state, same = ledger.state
        let results = try LedgerExample.transition.apply(
            block: found, to: &state, height: Height(1))
        #expect(
            results
                == (try LedgerExample.transition.apply(block: whole, to: &same, height: Height(1))))
        #expect(state.hash == same.hash && results.allSatisfy { $0.fault == nil })
        #expect(payments < 5 || indexes.count < roots.originalWidth, "not every row is needed")
    }

    /// Without one of the rows, and with another in its place, nothing is read.
    @Test func everyRowIsNeeded() throws {
        let block = try Self.block(
            transfers: 20, payments: 9, blobSize: 6_000, ledger: try LedgerExample())
        let roots = block.square.header
        let indexes = TransactionRows.indexes(in: roots)
        #expect(indexes.count > 1)
        for missing in indexes {
            let lines = block.lines(indexes.filter { $0 != missing })
            #expect(throws: TransactionRowsFault.missing(row: missing)) {
                try TransactionRows(lines, against: roots)
            }
            let other = HalfLine(
                AxisLine(.row, missing), bytes: block.lines([roots.width - 1])[0].bytes)
            #expect(
                throws: TransactionRowsFault.line(
                    row: missing, .rootMismatch(.row, index: missing))
            ) {
                try TransactionRows(lines + [other], against: roots)
            }
        }
    }

    /// Blobs in other places than the payments lead to, and a square of another width, are noticed
    /// without the blobs.
    @Test func otherPlaces() throws {
        let ledger = try LedgerExample()
        let block = try Self.block(transfers: 3, payments: 2, blobSize: 2_000, ledger: ledger)
        let original = block.square.square.originalSquare
        let wrappers = try Self.rows(of: block.square).wrappers
        let moved = wrappers.map { wrapper in
            IndexWrapper(
                transaction: wrapper.transaction, shareIndexes: wrapper.shareIndexes.map { $0 + 1 })
        }
        // The same square but for the wrappers' indexes, which take as many bytes.
        var splitter = CompactShareSplitter(namespace: .payForBlobs)
        for wrapper in moved { splitter.append(wrapper.encode()) }
        let compact = splitter.shares()
        let plain = try Self.rows(of: block.square)
        let first = plain.shareCount - compact.count
        var bytes = original.bytes
        for (number, share) in compact.enumerated() {
            let start = (first + number) * Share.sizeBytes
            bytes.replaceSubrange(start..<start + Share.sizeBytes, with: share.bytes)
        }
        let square = CommittedSquare(
            ExtendedDataSquare(
                extending: try OriginalDataSquare(width: original.width, bytes: bytes)))
        let rows = try Self.rows(of: square)
        #expect(rows.wrappers == moved)
        #expect(
            throws: LedgerFault.invalidRequest("its rows are not those of its transactions")
        ) {
            try Self.read(rows, width: original.width)
        }
        #expect(throws: LedgerFault.self) {
            try Self.read(try Self.rows(of: block.square), width: 2 * original.width)
        }
        #expect(
            throws: LedgerFault.invalidRequest("it pays for more shares than its square has")
        ) {
            try Self.read(try Self.rows(of: block.square), width: 1)
        }
    }

    private static func rows(of square: CommittedSquare) throws -> TransactionRows {
        try TransactionRows(
            TransactionRows.indexes(in: square.header).map {
                HalfLine(AxisLine(.row, $0), of: square.square)
            }, against: square.header)
    }
}
