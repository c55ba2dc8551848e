// SPDX-License-Identifier: Apache-2.0

internal import DataSquare
internal import Glibc
internal import Synchronization

/// This thread and one more, which share the turns of a loop; the other waits between loops.
final class ThreadPair: Sendable {
    private struct Work {
        var generation = 0
        var turns = 0
        var body: (@Sendable (Int) -> Void)?
        var isRunning = false
        var isOver = false
    }

    private let work = Mutex(Work())
    private let next = Atomic<Int>(0)
    private let handle = Mutex<pthread_t?>(nil)

    /// Starts the other thread.
    init() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<ThreadPair>.fromOpaque(context).takeRetainedValue().serve()
                return nil
            }, context)
        precondition(status == 0, "the system has a thread left")
        handle.withLock { $0 = thread }
    }

    /// Ends the other thread.
    func stop() {
        work.withLock { $0.isOver = true }
        if let thread = handle.withLock({ $0 }) { pthread_join(thread, nil) }
    }

    /// The mean processor time of both threads, in nanoseconds.
    var meanNanoseconds: Double {
        var clock = clockid_t()
        guard let thread = handle.withLock({ $0 }), pthread_getcpuclockid(thread, &clock) == 0
        else { return 0 }
        return (ProcessorClock.threadNanoseconds + ProcessorClock.nanoseconds(of: clock)) / 2
    }

    /// A loop that both run.
    var loop: ParallelLoop {
        ParallelLoop(threadCount: 2) { [self] turns, body in run(turns, body) }
    }

    private func run(_ turns: Int, _ body: @Sendable (Int) -> Void) {
        next.store(0, ordering: .sequentiallyConsistent)
        // The other thread is done with `body` before this function returns.
        withoutActuallyEscaping(body) { body in
            work.withLock {
                $0.generation += 1
                $0.turns = turns
                $0.body = body
                $0.isRunning = true
            }
            takeTurns(turns, body)
            while work.withLock({ $0.isRunning }) { sched_yield() }
            work.withLock { $0.body = nil }
        }
    }

    private func takeTurns(_ turns: Int, _ body: (Int) -> Void) {
        while true {
            let turn = next.add(1, ordering: .sequentiallyConsistent).oldValue
            guard turn < turns else { return }
            body(turn)
        }
    }

    private func serve() {
        var served = 0
        while !work.withLock({ $0.isOver }) {
            // What was served is let go of before it is called done.
            if serveNext(after: &served) {
                work.withLock { $0.isRunning = false }
            } else {
                usleep(20)
            }
        }
    }

    /// Takes part in a loop that has not been served; false when there is none.
    @inline(never)
    private func serveNext(after served: inout Int) -> Bool {
        let seen = served
        let (generation, turns, body) = work.withLock { work in
            (work.generation, work.turns, work.generation > seen ? work.body : nil)
        }
        guard let body else { return false }
        served = generation
        takeTurns(turns, body)
        return true
    }
}
