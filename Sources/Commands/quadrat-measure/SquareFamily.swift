// SPDX-License-Identifier: Apache-2.0

internal import DataSquare

/// Extend, commit and repair whole squares.
enum SquareFamily {
    static func extendAndCommit(_ yardsticks: Yardsticks) -> [Measurement] {
        [128, 256].flatMap { width in
            let original = MeasuredSquare.original(width: width)
            var square = ExtendedDataSquare(extending: original)
            let samples = width == 128 ? 31 : 9
            let extend = ProcessorClock.median(samples: samples) {
                square.refill(extending: original)
            }
            let one = ProcessorClock.median(samples: samples) {
                square.refill(extending: original)
                _ = square.commit()
            }
            let kept = ProcessorClock.median(samples: samples) { _ = CommittedSquare(square) }
            let pair = ThreadPair()
            let loop = pair.loop
            let two = ProcessorClock.median(samples: samples, read: { pair.meanNanoseconds }) {
                square.refill(extending: original, parallel: loop)
                _ = square.commit(parallel: loop)
            }
            pair.stop()
            return [
                Measurement(
                    name: "square.extend/k=\(width)/cores=1", value: extend / 1e6, unit: "ms"),
                Measurement(
                    name: "square.commit/k=\(width)/cores=1", value: one / 1e6, unit: "ms",
                    floor: yardsticks.commitFloor(width: width)),
                Measurement(
                    name: "square.commit/k=\(width)/cores=2", value: two / 1e6, unit: "ms",
                    floor: one / 1e6),
                Measurement(
                    name: "square.prepare-proofs/k=\(width)/cores=1", value: kept / 1e6, unit: "ms"),
            ]
        }
    }

    /// From a grid of k × k shares, and from three quadrants.
    static func repair(_ yardsticks: Yardsticks) -> [Measurement] {
        [128, 256].flatMap { width in
            let original = MeasuredSquare.original(width: width)
            var square = ExtendedDataSquare(extending: original)
            let header = square.commit()
            let samples = width == 128 ? 15 : 7
            let whole = ProcessorClock.median(samples: samples) {
                square.refill(extending: original)
                _ = square.commit()
            }
            let side = 2 * width
            let grid = (0..<side * side).map { ($0 / side) % 2 == 0 && ($0 % side) % 2 == 1 }
            let quadrant = (0..<side * side).map { $0 / side < width || $0 % side < width }
            return [("grid", grid), ("quadrant", quadrant)].map { name, isKnown in
                // The buffer goes from one repair to the next, so that none pays for fresh memory.
                var bytes = square.bytes
                let time = ProcessorClock.median(samples: samples) {
                    let given = bytes
                    bytes = []
                    do {
                        bytes = try ExtendedDataSquare.repair(
                            width: side, bytes: given, isKnown: isKnown, header: header
                        ).bytes
                    } catch {
                        preconditionFailure("the square is whole: \(error)")
                    }
                }
                return Measurement(
                    name: "square.repair/k=\(width)/from=\(name)/cores=1", value: time / 1e6,
                    unit: "ms", floor: whole / 1e6)
            }
        }
    }
}
