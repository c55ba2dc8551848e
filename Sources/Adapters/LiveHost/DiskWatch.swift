// SPDX-License-Identifier: Apache-2.0

internal import EventLoop
internal import RPC
internal import Storage

/// Looks once a minute, away from the loop, how full the disk is.
final class DiskWatch {
    /// How often; reading a large store's directories takes a while.
    static let milliseconds: UInt64 = 60_000

    /// What it saw last; nil before the first look has ended.
    private(set) var use: DiskUse?

    private let pool: WorkerPool
    private let directory: String
    private var timer: LoopTimer?

    /// Looks at once, and then again and again.
    init(_ directory: String, on loop: EventLoop) throws {
        self.directory = directory
        pool = WorkerPool(on: loop, threadCount: LiveNode.threadCount, limit: 1)
        timer = try LoopTimer.reusable(on: loop) { [weak self] in self?.look() }
        look()
    }

    private func look() {
        timer?.start(afterMilliseconds: Self.milliseconds)
        let directory = directory
        do {
            try pool.submit {
                DiskSpace(directory)
            } completion: { [weak self] space in
                self?.use = space.map {
                    DiskUse(
                        freeBytes: $0.freeBytes, totalBytes: $0.totalBytes,
                        usedBytes: $0.usedBytes)
                }
            }
        } catch {
            // The look before this one has not ended yet.
        }
    }
}
