// SPDX-License-Identifier: Apache-2.0

internal import CUV
internal import Glibc

/// Runs jobs that would hold the loop up, a bounded number at a time, on libuv's threads.
///
/// A job is a pure function of what it captured; its result comes back on the loop. Jobs start in
/// the order they were submitted and may end in any.
package final class WorkerPool {
    private let eventLoop: EventLoop
    private let limit: Int
    /// Jobs submitted whose results have not come back.
    package private(set) var jobCount = 0

    /// A pool of `threadCount` threads that takes at most `limit` unfinished jobs.
    ///
    /// The threads are libuv's and are made once a process: the first pool sets their number.
    package init(on eventLoop: EventLoop, threadCount: Int, limit: Int = 1024) {
        precondition((1...256).contains(threadCount), "a pool has from 1 to 256 threads")
        self.eventLoop = eventLoop
        self.limit = limit
        setenv("UV_THREADPOOL_SIZE", String(threadCount), 0)
    }

    /// Runs `job` on a thread of the pool, then `completion` with its result on the loop.
    ///
    /// - Throws: `LoopFailure.full` when `limit` jobs are unfinished; neither is called then.
    package func submit<Result: Sendable>(
        _ job: @escaping @Sendable () -> Result,
        completion: @escaping (Result) -> Void
    ) throws(LoopFailure) {
        guard jobCount < limit else { throw .full("submit a job") }
        let request = WorkRequest { [self] in
            let result = job()
            return {
                self.jobCount -= 1
                completion(result)
            }
        }
        let work = UnsafeMutablePointer<uv_work_t>.allocate(capacity: 1)
        work.initialize(to: uv_work_t())
        work.pointee.data = Unmanaged.passRetained(request).toOpaque()
        let code = uv_queue_work(
            eventLoop.loop, work,
            { work in
                guard let data = work?.pointee.data else { return }
                Unmanaged<WorkRequest>.fromOpaque(data).takeUnretainedValue().run()
            },
            { work, _ in
                guard let work, let data = work.pointee.data else { return }
                let request = Unmanaged<WorkRequest>.fromOpaque(data).takeRetainedValue()
                work.deallocate()
                request.finish?()
            })
        guard code >= 0 else {
            Unmanaged.passUnretained(request).release()
            work.deallocate()
            throw LoopFailure("submit a job", code: code)
        }
        jobCount += 1
    }
}

/// A job on its way through a thread; libuv orders the thread's writes before the loop's reads.
private final class WorkRequest {
    private let job: () -> (() -> Void)
    private(set) var finish: (() -> Void)?

    init(_ job: @escaping () -> (() -> Void)) {
        self.job = job
    }

    func run() {
        finish = job()
    }
}
