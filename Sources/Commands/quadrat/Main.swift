// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import FoundationEssentials
internal import Glibc

@main
struct Main {
    static func main() {
        let code = VerbTable.program.run(
            Array(CommandLine.arguments.dropFirst()),
            environment: ProcessInfo.processInfo.environment, terminal: .standard)
        exit(code.rawValue)
    }
}
