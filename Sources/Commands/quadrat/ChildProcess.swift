// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import Glibc

/// Another process of this program, in a process group of its own, its output in a file.
struct ChildProcess {
    /// How long a child has to end by itself, in milliseconds.
    static let patienceMilliseconds = 5_000

    let name: String
    private let identifier: pid_t

    /// Starts this program with other arguments.
    init(_ name: String, arguments: [String], log: String) throws(CommandFault) {
        self.name = name
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(
            &actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // Whoever started this program may have blocked signals; a node must hear SIGTERM.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        posix_spawnattr_setpgroup(&attributes, 0)
        let words = ([Self.program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var identifier = pid_t()
        let code = posix_spawn(
            &identifier, Self.program, &actions, &attributes, words, environ)
        guard code == 0 else { throw .failed("\(name) cannot be started: error \(code)") }
        self.identifier = identifier
    }

    /// Whether it runs.
    var isRunning: Bool {
        var status: Int32 = 0
        return waitpid(identifier, &status, WNOHANG) == 0
    }

    /// Asks it to end and does not wait, so that many can be asked before one is waited for.
    func askToEnd() {
        if isRunning { kill(identifier, SIGTERM) }
    }

    /// Asks it to end, and ends it when it does not.
    func stop() {
        guard isRunning else { return }
        kill(identifier, SIGTERM)
        for _ in 0..<Self.patienceMilliseconds / 10 {
            if !isRunning { return }
            usleep(10_000)
        }
        kill(identifier, SIGKILL)
        var status: Int32 = 0
        waitpid(identifier, &status, 0)
    }

    /// The path of this program.
    private static var program: String {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        precondition(count > 0, "Linux tells a program its path")
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
