// SPDX-License-Identifier: Apache-2.0

internal import CKernels

/// What this machine can do at best, measured in the same run as everything that is held to it.
struct Yardsticks {
    /// Nanoseconds of a SHA-256 compression, by interleaved streams on messages of nine blocks.
    let compressionNanoseconds: Double
    /// Streams that gave it.
    let streamCount: Int
    /// The same for sixteen messages at once, where the processor can; floors do not count on it.
    let laneNanoseconds: Double
    /// Bytes a nanosecond written past the caches.
    let streamingStoreRate: Double
    /// Bytes a nanosecond copied, by the size of the copy: within the caches, and beyond them.
    let copyRates: [Int: Double]

    /// A row of k = 128, a row of k = 256, and more than the caches hold.
    private static let copySizes = [128 * 512, 256 * 512, 64 << 20]

    /// Measures all of them.
    init() {
        let streams = (1...4).map { (count: $0, time: Self.compression(streams: $0)) }
        let best = streams.min { $0.time < $1.time } ?? (1, 0)
        compressionNanoseconds = best.time
        streamCount = best.count
        laneNanoseconds = Self.compressionInLanes()
        streamingStoreRate = Self.streamingStores()
        var copyRates: [Int: Double] = [:]
        for size in Self.copySizes { copyRates[size] = Self.copying(size) }
        self.copyRates = copyRates
    }

    /// The figures themselves.
    var measurements: [Measurement] {
        let copies = Self.copySizes.compactMap { size in
            copyRates[size].map {
                Measurement(name: "yardstick.memcpy/bytes=\(size)", value: $0, unit: "GB/s")
            }
        }
        return copies + [
            Measurement(
                name: "yardstick.streaming-store", value: streamingStoreRate, unit: "GB/s"),
            Measurement(
                name: "yardstick.sha256/blocks=9/streams=\(streamCount)",
                value: compressionNanoseconds, unit: "ns"),
            Measurement(
                name: "yardstick.sha256/blocks=9/lanes=16", value: laneNanoseconds, unit: "ns"),
        ]
    }

    /// The least milliseconds in which a square of 2k × 2k can be extended and committed: all
    /// compressions, and all parity written once.
    func commitFloor(width: Int) -> Double {
        let side = 2 * width
        let compressions = 9 * side * side + 3 * 2 * side * (side - 1)
        let parity = 3 * width * width * 512
        return
            (Double(compressions) * compressionNanoseconds
            + Double(parity) / streamingStoreRate) / 1e6
    }

    private static func compression(streams: Int) -> Double {
        let level = ck_sha256_best() == CK_SHA256_PORTABLE ? CK_SHA256_PORTABLE : CK_SHA256_SHANI
        let blocks = 9
        let bytes = [UInt8](repeating: 0x5C, count: streams * blocks * 64)
        var states = [UInt32](repeating: 0x6A09_E667, count: streams * 8)
        let time = bytes.withUnsafeBufferPointer { bytes in
            states.withUnsafeMutableBytes { states in
                guard let base = bytes.baseAddress, let state = states.baseAddress else {
                    return 0.0
                }
                let rows = state.assumingMemoryBound(to: Words.self)
                let messages = (0..<streams).map { Optional(base + $0 * blocks * 64) }
                return ProcessorClock.median(samples: 51, turns: 2000) {
                    ck_sha256_interleaved(level, rows, messages, streams, blocks)
                }
            }
        }
        return time / Double(streams * blocks)
    }

    private static func compressionInLanes() -> Double {
        let shares = [UInt8](repeating: 0x5C, count: 17 * 512)
        var digests = [UInt8](repeating: 0, count: 16 * 32)
        let time = ProcessorClock.median(samples: 51, turns: 500) {
            _ = ck_nmt_leaves(ck_sha256_best(), shares, 512, shares, 0, 16, &digests)
        }
        return time / (16 * 9)
    }

    private static func streamingStores() -> Double {
        let run = 4096
        let count = 16_384
        return withBuffers(run, run * count) { source, target in
            let time = ProcessorClock.median(samples: 15) {
                ck_scatter(source, 0, target, run, count, run, nil)
            }
            return Double(run * count) / time
        }
    }

    private static func copying(_ size: Int) -> Double {
        withBuffers(size, size) { source, target in
            let time = ProcessorClock.median(samples: 25, turns: size > 1 << 20 ? 1 : 500) {
                ck_gather(source, size, target, size, 1, size, nil)
            }
            return Double(size) / time
        }
    }

    private static func withBuffers(
        _ sourceSize: Int, _ targetSize: Int,
        _ body: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Double
    ) -> Double {
        let source = UnsafeMutableRawPointer.allocate(byteCount: sourceSize, alignment: 4096)
        let target = UnsafeMutableRawPointer.allocate(byteCount: targetSize, alignment: 4096)
        defer {
            source.deallocate()
            target.deallocate()
        }
        return body(
            source.initializeMemory(as: UInt8.self, repeating: 1, count: sourceSize),
            target.initializeMemory(as: UInt8.self, repeating: 2, count: targetSize))
    }
}

/// The state of one stream, as C's array of eight words is imported.
typealias Words = (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)
