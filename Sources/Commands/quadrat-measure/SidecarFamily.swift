// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare
internal import ErasureCoding

/// Encoding sidecars beside extending and committing, and the two ways to catch one wrong square.
enum SidecarFamily {
    /// What a proposer pays for a sidecar; its floor is extending and committing, of the same run.
    static func sidecar(_ yardsticks: Yardsticks) -> [Measurement] {
        [64, 128, 256].flatMap { width in
            let original = MeasuredSquare.original(width: width)
            var square = ExtendedDataSquare(extending: original)
            let root = square.commit().dataRoot
            let samples = width < 256 ? 31 : 9
            let whole = ProcessorClock.median(samples: samples) {
                square.refill(extending: original)
                _ = square.commit()
            }
            let all = ProcessorClock.median(samples: samples) {
                _ = EncodingSidecar(of: square, dataRoot: root)
            }
            let name = "k=\(width)/cores=1"
            let sums = KernelLevel.allCases.filter(\.isSupported).map { level in
                let factors = Self.factors(width, level)
                let time = ProcessorClock.median(samples: samples / 3) { sum(square, factors) }
                return Measurement(
                    name: "sidecar.sums/level=\(level)/\(name)", value: time / 1e6, unit: "ms",
                    floor: whole / 1e6)
            }
            return [
                Measurement(
                    name: "sidecar.compute/\(name)", value: all / 1e6, unit: "ms",
                    floor: whole / 1e6),
                Measurement(
                    name: "sidecar.coefficients/\(name)",
                    value: ProcessorClock.median(samples: samples) { _ = made(root, width) } / 1e6,
                    unit: "ms", floor: whole / 1e6),
            ] + sums
        }
    }

    /// From the same wrong square: a holder of one row that refuses by the sidecar, and a proof of
    /// bad encoding that is made from k shares and verified.
    static func fraud(_ yardsticks: Yardsticks) -> [Measurement] {
        [16, 128].flatMap { width in
            let honest = ExtendedDataSquare(extending: MeasuredSquare.original(width: width))
            let bad = width / 2
            var half = Array(honest.axisBytes(.row, bad).prefix(width * Share.sizeBytes))
            half[300] ^= 1
            let square = replaced(honest, row: bad, by: half)
            let committed = CommittedSquare(square)
            let header = committed.header
            let coefficients = made(header.dataRoot, width)
            let sidecar = EncodingSidecar(of: honest, coefficients: coefficients)
            let sent = committed.rowContainer(bad)
            let caught = ProcessorClock.median(samples: 15) {
                do {
                    let row = try sent.verify(row: bad, against: header)
                    let fresh = made(header.dataRoot, width)
                    guard try !sidecar.agrees(row: row, coefficients: fresh) else {
                        preconditionFailure("the row is wrong")
                    }
                } catch {
                    preconditionFailure("the row is the committed one: \(error)")
                }
            }
            let samples = (0..<width).map {
                committed.sample(at: Coordinate(row: bad - width / 2 + $0, column: 0))
            }
            var proof: BadEncodingProof?
            let making = ProcessorClock.median(samples: 15) {
                proof = BadEncodingProof.make(
                    headerHash: [UInt8](repeating: 1, count: 32), height: 1, axis: .column,
                    index: 0, samples: samples, header: header)
            }
            guard let proof else { preconditionFailure("column 0 is no codeword") }
            let verifying = ProcessorClock.median(samples: 15) {
                do {
                    try BadEncodingProof(protobuf: proof.protobuf).verify(height: 1, header: header)
                } catch {
                    preconditionFailure("the proof holds: \(error)")
                }
            }
            return [
                Measurement(name: "fraud.by-sidecar/k=\(width)", value: caught / 1e6, unit: "ms"),
                Measurement(name: "fraud.make-proof/k=\(width)", value: making / 1e6, unit: "ms"),
                Measurement(
                    name: "fraud.verify-proof/k=\(width)", value: verifying / 1e6, unit: "ms"),
                Measurement(
                    name: "fraud.proof-size/k=\(width)",
                    value: Double(proof.protobuf.count) / 1_024, unit: "KiB"),
            ]
        }
    }

    private static func made(_ root: Bytes32, _ width: Int) -> SidecarCoefficients {
        do {
            return try SidecarCoefficients(dataRoot: root, originalWidth: width)
        } catch {
            preconditionFailure("a square's width: \(error)")
        }
    }

    private static func factors(_ width: Int, _ level: KernelLevel) -> SumFactors {
        let isWide = AxisCode.of(width: width).isWide
        return SumFactors(
            pieces: (0..<width * 8 * 16).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) },
            places: (0..<SumFactors.placeCount(isWide: isWide) * 16).map {
                UInt8(truncatingIfNeeded: $0 &* 5 &+ 1)
            }, isWide: isWide, level: level)
    }

    private static func sum(_ square: ExtendedDataSquare, _ factors: SumFactors) {
        let width = square.originalWidth
        var sums = [UInt8](repeating: 0, count: width * LinearSums.sizeBytes)
        square.bytes.withUnsafeBufferPointer { bytes in
            sums.withUnsafeMutableBufferPointer { sums in
                guard let from = bytes.baseAddress, let to = sums.baseAddress else { return }
                LinearSums.compute(
                    rows: from, stride: 2 * width * Share.sizeBytes, count: width,
                    size: width * Share.sizeBytes, factors: factors, into: to)
            }
        }
    }

    /// A square of which one row is another codeword.
    private static func replaced(
        _ square: ExtendedDataSquare, row: Int, by half: [UInt8]
    ) -> ExtendedDataSquare {
        var line = half + half
        line.withUnsafeMutableBufferPointer { line in
            guard let base = line.baseAddress else { return }
            AxisCode.of(width: square.originalWidth).encode(
                base, stride: Share.sizeBytes, parity: base + half.count,
                parityStride: Share.sizeBytes, size: Share.sizeBytes)
        }
        var bytes = square.bytes
        bytes.replaceSubrange(row * line.count..<(row + 1) * line.count, with: line)
        do {
            return try ExtendedDataSquare(width: square.width, bytes: bytes)
        } catch {
            preconditionFailure("namespaces are as they were: \(error)")
        }
    }
}

extension CommittedSquare {
    /// One row, as it is sent.
    fileprivate func rowContainer(_ index: Int) -> UnverifiedRow {
        SquareProver(square: square, header: header).row(index).container
    }
}
