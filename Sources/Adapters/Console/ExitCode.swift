// SPDX-License-Identifier: Apache-2.0

/// What a process says about its end to whoever started it.
package enum ExitCode: Int32, Hashable, Sendable {
    /// Done.
    case done = 0
    /// Not done; the last line of standard error says why.
    case failed = 1
    /// The words on the command line, or the configuration, are wrong.
    case usage = 2
    /// What was to be verified is not true.
    case untrue = 3
    /// The node that was asked does not answer.
    case unreachable = 4
    /// A block of the chain that is followed is proven wrong.
    case refused = 5
}

/// Why a command was not done: a sentence, and what to do about it.
package struct CommandFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// How the process ends.
    package let code: ExitCode
    /// What is wrong.
    package let message: String
    /// What to do, where that is known.
    package let hint: String?

    /// Names a fault.
    package init(_ code: ExitCode, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// The command line is wrong.
    package static func usage(_ message: String, hint: String? = nil) -> CommandFault {
        CommandFault(.usage, message, hint: hint)
    }

    /// The command could not be done.
    package static func failed(_ message: String, hint: String? = nil) -> CommandFault {
        CommandFault(.failed, message, hint: hint)
    }

    /// One line.
    package var description: String {
        if let hint { "\(message); \(hint)" } else { message }
    }
}
