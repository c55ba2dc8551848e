// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// Counts every step that changes the disk, and breaks the one it was told to.
///
/// Every create, write, fsync, rename, link, unlink and index commit of this module passes here
/// first. So a test can fail, or kill the process at, the n-th step for every n until the work
/// completes, and see that nothing acknowledged is ever lost. A write that is broken is torn: its
/// first half reaches the file.
package final class WriteFault: Sendable {
    /// Which step is broken, counted from 1, and how.
    package enum Plan: Hashable, Sendable {
        /// None.
        case none
        /// One step fails with this error number; those after it succeed.
        case failOnce(at: Int, code: Int32)
        /// That step and all after it fail, as when a disk is full or gone.
        case failFrom(Int, code: Int32)
        /// The process kills itself there with SIGKILL.
        case kill(at: Int)
    }

    /// What becomes of a step.
    enum Verdict: Hashable {
        case proceed
        case fail(Int32)
        case die
    }

    /// The environment variable that names the step at which to die.
    package static let killVariable = "QUADRAT_FAULT_KILL_AT"

    private let plan: Plan
    private let observer: (@Sendable (StorageStep, String) -> Void)?
    private let counter = Atomic<Int>(0)

    /// Breaks what `plan` says.
    ///
    /// `observer` is told of every step before it happens: a kill cannot show that an fsync is
    /// missing, the order of steps can.
    package init(
        _ plan: Plan = .none, observer: (@Sendable (StorageStep, String) -> Void)? = nil
    ) {
        self.plan = plan
        self.observer = observer
    }

    /// The plan that the environment asks for, which is none outside of tests.
    package static func fromEnvironment() -> WriteFault {
        guard let text = getenv(killVariable), let step = Int(String(cString: text)), step > 0
        else { return WriteFault() }
        return WriteFault(.kill(at: step))
    }

    /// How many steps were asked for until now.
    package var count: Int { counter.load(ordering: .relaxed) }

    /// Counts one step and says what becomes of it.
    func verdict(_ step: StorageStep, _ path: String) -> Verdict {
        precondition(step.changesDisk, "only steps that change the disk are counted")
        observer?(step, path)
        let number = counter.add(1, ordering: .relaxed).newValue
        switch plan {
        case .none: return .proceed
        case .failOnce(let step, let code): return number == step ? .fail(code) : .proceed
        case .failFrom(let step, let code): return number >= step ? .fail(code) : .proceed
        case .kill(let step): return number == step ? .die : .proceed
        }
    }

    /// Counts one step that is not a write, and breaks it if it is the one.
    func pass(_ step: StorageStep, _ path: String) throws(StorageFault) {
        switch verdict(step, path) {
        case .proceed: return
        case .fail(let code): throw .failed(step, path, code: code)
        case .die: Self.die()
        }
    }

    /// Ends the process as kill −9 does: nothing is flushed, no handler runs.
    static func die() -> Never {
        kill(getpid(), SIGKILL)
        while true { pause() }
    }
}
