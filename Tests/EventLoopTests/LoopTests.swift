// SPDX-License-Identifier: Apache-2.0

import EventLoop
import Glibc
import Machinery
import Synchronization
import Testing

/// Timers, signals, jobs and mailboxes.
@Suite struct LoopTests {
    /// Timers fire in the order of their times; a cancelled one never does.
    @Test func timersFireInOrder() throws {
        let loop = try EventLoop()
        var fired: [Int] = []
        try loop.schedule(afterMilliseconds: 30) { fired.append(30) }
        try loop.schedule(afterMilliseconds: 10) { fired.append(10) }
        let cancelled = try loop.schedule(afterMilliseconds: 15) { fired.append(15) }
        try loop.schedule(afterMilliseconds: 1) { cancelled.cancel() }
        loop.run()
        #expect(fired == [10, 30])
        loop.close()
    }

    /// A reusable timer keeps its last start only, and can be started again after it fired.
    @Test func aReusableTimerStartsAgain() throws {
        let loop = try EventLoop()
        var count = 0
        var timer: LoopTimer?
        timer = try LoopTimer.reusable(on: loop) {
            count += 1
            if count < 3 { timer?.start(afterMilliseconds: 1) } else { timer?.close() }
        }
        timer?.start(afterMilliseconds: 60_000)
        timer?.start(afterMilliseconds: 1)
        loop.run()
        #expect(count == 3)
        loop.close()
    }

    /// A signal reaches its watch on the loop.
    @Test func aSignalIsACallback() throws {
        let loop = try EventLoop()
        var count = 0
        try loop.onSignal(SIGUSR2) {
            count += 1
            loop.stop()
        }
        try loop.schedule(afterMilliseconds: 5) { kill(getpid(), SIGUSR2) }
        try loop.schedule(afterMilliseconds: 10_000) { loop.stop() }
        loop.run()
        #expect(count == 1)
        loop.close()
    }

    /// Jobs run off the loop's thread and their results come back on it; the limit holds.
    @Test func jobsRunElsewhereAndReturnHere() throws {
        let loop = try EventLoop()
        let pool = WorkerPool(on: loop, threadCount: 2, limit: 8)
        let home = pthread_self()
        var results: [Int] = []
        for index in 0..<8 {
            try pool.submit({ (index * index, pthread_equal(pthread_self(), home) == 0) }) {
                #expect($0.1)
                #expect(pthread_equal(pthread_self(), home) != 0)
                results.append($0.0)
            }
        }
        #expect(throws: LoopFailure.full("submit a job")) { try pool.submit({ 0 }) { _ in } }
        loop.run()
        #expect(results.sorted() == (0..<8).map { $0 * $0 })
        #expect(pool.jobCount == 0)
        loop.close()
    }

    /// Items of several threads all arrive, each thread's in its order; a closed loop takes none.
    @Test func aMailboxKeepsEachThreadsOrder() throws {
        let loop = try EventLoop()
        var received: [[Int]] = [[], []]
        let mailbox = try loop.makeMailbox { (item: (thread: Int, index: Int)) in
            received[item.thread].append(item.index)
            if received[0].count + received[1].count == 2000 { loop.stop() }
        }
        let pool = WorkerPool(on: loop, threadCount: 2)
        for thread in 0..<2 {
            try pool.submit({
                for index in 0..<1000 { mailbox.post((thread, index)) }
            }) {}
        }
        try loop.schedule(afterMilliseconds: 20_000) { loop.stop() }
        loop.run()
        #expect(received == [Array(0..<1000), Array(0..<1000)])
        loop.close()
        #expect(!mailbox.post((0, 0)))
    }

    /// A full mailbox refuses.
    @Test func aFullMailboxRefuses() throws {
        let loop = try EventLoop()
        let mailbox = try loop.makeMailbox(limit: 2) { (_: Int) in }
        #expect(mailbox.post(1) && mailbox.post(2))
        #expect(!mailbox.post(3))
        loop.close()
    }

    /// A name is looked up without holding the loop up.
    @Test func aNameResolves() throws {
        let loop = try EventLoop()
        var found: [String] = []
        try loop.resolve("localhost") { result in
            if case .success(let addresses) = result { found = addresses.map(\.description) }
        }
        loop.run()
        #expect(found.contains("127.0.0.1") || found.contains("::1"))
        loop.close()
    }
}
