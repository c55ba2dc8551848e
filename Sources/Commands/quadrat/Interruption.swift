// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import Glibc
internal import Synchronization

/// Ctrl-C, noticed at the next step instead of ending the program in the middle of one.
enum Interruption {
    private static let wasAsked = Atomic<Bool>(false)

    /// From now on SIGINT and SIGTERM are noticed.
    static func watch() {
        var watched = sigset_t()
        sigemptyset(&watched)
        for number in [SIGINT, SIGTERM] { sigaddset(&watched, number) }
        pthread_sigmask(SIG_UNBLOCK, &watched, nil)
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in Interruption.wasAsked.store(true, ordering: .relaxed) }
        }
    }

    /// Whether somebody asked to end.
    static var isAsked: Bool { wasAsked.load(ordering: .relaxed) }

    /// Sleeps, and throws when somebody asked to end.
    static func sleep(milliseconds: UInt32) throws(CommandFault) {
        if isAsked { throw .failed("interrupted") }
        usleep(milliseconds * 1_000)
        if isAsked { throw .failed("interrupted") }
    }
}
