// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import ErasureCoding
import Testing

/// What an encoding sidecar shows, and what it cannot show.
@Suite struct EncodingSidecarTests {
    private struct Numbers {
        var state: UInt64

        mutating func next(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }

        mutating func bytes(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8(next(below: 256)) }
        }
    }

    private static func half(_ square: ExtendedDataSquare, _ row: Int) -> [UInt8] {
        Array(square.axisBytes(.row, row).prefix(square.originalWidth * Share.sizeBytes))
    }

    /// All rows of honest squares agree, at every width that both fields have but the largest two.
    @Test(arguments: [1, 2, 4, 8, 16, 32, 64, 128]) func honestRowsAgree(width: Int) throws {
        let square = ExtendedDataSquare(extending: try SeededSquare.original(width: width))
        let root = SHA256.hash(Array("root \(width)".utf8))
        let coefficients = try SidecarCoefficients(dataRoot: root, originalWidth: width)
        let sidecar = EncodingSidecar(of: square, coefficients: coefficients)
        #expect(sidecar == EncodingSidecar(of: square, dataRoot: root))
        for row in 0..<2 * width where width <= 16 || row % 7 == 0 {
            #expect(
                try sidecar.agrees(
                    row: row, half: Self.half(square, row), coefficients: coefficients))
        }
        let values = try (0..<width).flatMap {
            try coefficients.value(ofRow: Self.half(square, $0))
        }
        #expect(values == sidecar.bytes)
    }

    /// The holder of a row that is a committed codeword, but not what the columns call for, refuses it.
    ///
    /// One that is no codeword is refused before that.
    @Test func holderOfABadRowRefuses() throws {
        let width = 4
        let honest = ExtendedDataSquare(extending: try SeededSquare.original(width: width))
        for bad in 0..<2 * width {
            var half = Self.half(honest, bad)
            half[200] ^= 1
            var bytes = honest.bytes
            let row = LineOfCode.extended(half)
            bytes.replaceSubrange(bad * row.count..<(bad + 1) * row.count, with: row)
            let square = try ExtendedDataSquare(width: 2 * width, bytes: bytes)
            let header = square.commit()
            let coefficients = try SidecarCoefficients(
                dataRoot: header.dataRoot, originalWidth: width)
            // The proposer's values are those of the square without the bad row.
            let sidecar = EncodingSidecar(of: honest, coefficients: coefficients)
            for index in 0..<2 * width {
                let sent = UnverifiedRow(
                    half: try Self.shares(Self.half(square, index)), side: .left)
                let row = try sent.verify(row: index, against: header)
                #expect(
                    try sidecar.agrees(row: row, coefficients: coefficients) == (index != bad))
            }
            bytes[bad * row.count + row.count - 1] ^= 1
            let torn = try ExtendedDataSquare(width: 2 * width, bytes: bytes)
            let sent = UnverifiedRow(half: try Self.shares(Self.half(torn, bad)), side: .left)
            #expect(throws: VerificationFault.rootMismatch(.row, index: bad)) {
                try sent.verify(row: bad, against: torn.commit())
            }
        }
    }

    /// For any k of the 2k rows, whatever they hold, there are values that all of them agree with.
    ///
    /// That is the limit of the promise. All 70 choices at k = 4; the other rows disagree.
    @Test func anyHalfOfTheRowsCanBeMadeToAgree() throws {
        let width = 4
        var numbers = Numbers(state: 7)
        let halves = (0..<2 * width).map { _ in numbers.bytes(width * Share.sizeBytes) }
        let coefficients = try SidecarCoefficients(
            dataRoot: SHA256.hash([1]), originalWidth: width)
        let values = try halves.map { try coefficients.value(ofRow: $0) }
        let code = try ErasureCode(dataCount: width, parityCount: width)
        var choices = 0
        for chosen in 0..<1 << (2 * width) where chosen.nonzeroBitCount == width {
            choices += 1
            let shards = (0..<2 * width).map { row in
                chosen >> row & 1 == 1
                    ? values[row] + [UInt8](repeating: 0, count: 48) : nil
            }
            let fitted = try code.restored(shards).prefix(width).flatMap { $0.prefix(16) }
            let sidecar = try EncodingSidecar(originalWidth: width, bytes: Array(fitted))
            for row in 0..<2 * width {
                #expect(
                    try sidecar.agrees(row: row, half: halves[row], coefficients: coefficients)
                        == (chosen >> row & 1 == 1), "rows \(chosen), row \(row)")
            }
        }
        #expect(choices == 70)
    }

    /// With more than k/2 of the 2k rows wrong, s random rows refuse as often as is promised.
    ///
    /// That is with a probability of 1 − (3/4)^s at least. 10,000 random corruptions of the fewest rows that it speaks of.
    @Test func catchRate() throws {
        let width = 16
        let wrongRows = width / 2 + 1
        let drawn = [1, 2, 4, 8]
        let trials = 10_000
        var caught = [Int](repeating: 0, count: drawn.count)
        var numbers = Numbers(state: 2_026)
        let square = ExtendedDataSquare(extending: try SeededSquare.original(width: width))
        let halves = (0..<2 * width).map { Self.half(square, $0) }
        var made: (coefficients: SidecarCoefficients, sidecar: EncodingSidecar)?
        for trial in 0..<trials {
            // A root draws the coefficients; the corruption is drawn without looking at them.
            if trial % 100 == 0 {
                let coefficients = try SidecarCoefficients(
                    dataRoot: SHA256.hash(numbers.bytes(32)), originalWidth: width)
                made = (coefficients, EncodingSidecar(of: square, coefficients: coefficients))
                #expect(
                    try halves.indices.allSatisfy {
                        try made?.sidecar.agrees(
                            row: $0, half: halves[$0], coefficients: coefficients) == true
                    })
            }
            guard let made else { return }
            var wrong: [Int] = []
            while wrong.count < wrongRows {
                let row = numbers.next(below: 2 * width)
                if !wrong.contains(row) { wrong.append(row) }
            }
            var refusedAt: Int?
            for draw in 0..<8 where refusedAt == nil {
                let row = numbers.next(below: 2 * width)
                guard wrong.contains(row) else { continue }
                var half = halves[row]
                half[numbers.next(below: half.count)] ^= UInt8(1 + numbers.next(below: 255))
                if try !made.sidecar.agrees(row: row, half: half, coefficients: made.coefficients) {
                    refusedAt = draw
                }
            }
            for (index, rows) in drawn.enumerated() where refusedAt.map({ $0 < rows }) == true {
                caught[index] += 1
            }
        }
        for (rows, count) in zip(drawn, caught) {
            var missed = 1.0
            for _ in 0..<rows { missed *= 0.75 }
            let bound = 1 - missed
            let rate = Double(count) / Double(trials)
            let deviation = (bound * missed / Double(trials)).squareRoot()
            print("sidecar: k=\(width) s=\(rows): caught \(rate), promised \(bound)")
            #expect(rate >= bound - 3 * deviation)
        }
    }

    /// Values of another count and widths that no square has are refused.
    @Test func shapesAreChecked() throws {
        #expect(throws: SquareFault.width(3)) {
            try EncodingSidecar(originalWidth: 3, bytes: [])
        }
        #expect(throws: SquareFault.size(expected: 32, actual: 31)) {
            try EncodingSidecar(originalWidth: 2, bytes: [UInt8](repeating: 0, count: 31))
        }
        #expect(throws: SquareFault.width(1_024)) {
            try SidecarCoefficients(dataRoot: Bytes32(), originalWidth: 1_024)
        }
        let coefficients = try SidecarCoefficients(dataRoot: Bytes32(), originalWidth: 2)
        #expect(throws: SquareFault.size(expected: 1_024, actual: 512)) {
            try coefficients.value(ofRow: [UInt8](repeating: 0, count: 512))
        }
    }

    private static func shares(_ bytes: [UInt8]) throws -> [Share] {
        try stride(from: 0, to: bytes.count, by: Share.sizeBytes).map {
            try Share(decoding: bytes[$0..<$0 + Share.sizeBytes])
        }
    }
}

/// One row of the code, apart from any square.
private enum LineOfCode {
    /// k shares and their parity.
    static func extended(_ half: [UInt8]) -> [UInt8] {
        let code = AxisCode.of(width: half.count / Share.sizeBytes)
        var parity = half
        half.withUnsafeBufferPointer { half in
            parity.withUnsafeMutableBufferPointer { parity in
                guard let from = half.baseAddress, let to = parity.baseAddress else { return }
                code.encode(from, stride: 512, parity: to, parityStride: 512, size: 512)
            }
        }
        return half + parity
    }
}
