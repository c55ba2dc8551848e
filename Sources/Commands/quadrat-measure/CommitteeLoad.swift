// SPDX-License-Identifier: Apache-2.0

internal import DataSquare
internal import Foundation
internal import RPC
internal import Synchronization

/// Posters of blobs: threads that post to the validators in turn and note how long each post took.
final class CommitteeLoad: Sendable {
    /// A post that came to its end.
    struct Post {
        /// When it was due, which is when it began unless all posters were busy, in seconds.
        let due: Double
        let end: Double
        let bytes: Int
        /// What the node answered when it gave no height.
        let fault: String?
    }

    private struct Progress {
        var next = 0
        var posts: [Post] = []
        var isOver = false
        var running = 0
    }

    private let plan: CommitteePlan
    private let targets: [RPCClient]
    private let start = CommitteeLoad.now
    private let progress = Mutex(Progress())

    init(_ plan: CommitteePlan, _ targets: [RPCClient]) {
        self.plan = plan
        self.targets = targets
        for number in 0..<plan.posters {
            progress.withLock { $0.running += 1 }
            Thread.detachNewThread { [self] in
                post(as: number)
                progress.withLock { $0.running -= 1 }
            }
        }
    }

    /// Seconds on the clock of all posts.
    static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    /// What ended so far.
    var posts: [Post] { progress.withLock { $0.posts } }

    /// Starts no more posts, and waits for those under way.
    func stop() {
        progress.withLock { $0.isOver = true }
        while progress.withLock({ $0.running > 0 }) { usleep(10_000) }
    }

    private func post(as poster: Int) {
        var noise = [UInt8](repeating: 0, count: plan.blobBytes.upperBound)
        var state = 0x9E37_79B9_7F4A_7C15 &+ UInt64(poster)
        for index in noise.indices {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            noise[index] = UInt8(state >> 56)
        }
        while let (number, due) = take() {
            let wait = due - Self.now
            if wait > 0 { usleep(UInt32(wait * 1e6)) }
            let size = Self.size(number, plan.blobBytes)
            for byte in 0..<8 { noise[byte] = UInt8(truncatingIfNeeded: number >> (8 * byte)) }
            var fault: String?
            do {
                let blob = try Blob(
                    namespace: try Namespace(userID: Array("measure\(poster % 10)".utf8)),
                    data: Array(noise.prefix(size)))
                _ = try targets[number % targets.count].submit([blob])
            } catch {
                fault = "\(error)"
            }
            let post = Post(due: due, end: Self.now, bytes: size, fault: fault)
            progress.withLock { $0.posts.append(post) }
        }
    }

    /// The next post and when it is due.
    private func take() -> (number: Int, due: Double)? {
        progress.withLock { progress in
            guard !progress.isOver else { return nil }
            let number = progress.next
            progress.next += 1
            guard let rate = plan.rate else { return (number, Self.now) }
            let mean = Double(plan.blobBytes.lowerBound + plan.blobBytes.upperBound) / 2
            return (number, start + Double(number) * mean / rate)
        }
    }

    /// Sizes spread evenly, in an order that is the same in every run.
    private static func size(_ number: Int, _ range: ClosedRange<Int>) -> Int {
        let mixed = (UInt64(number) &* 0x9E37_79B9_7F4A_7C15) >> 11
        return range.lowerBound + Int(mixed % UInt64(range.count))
    }
}
