// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import Glibc

/// Networks and committees in virtual time, from a seed.
@main
struct Main {
    private static let program = Program(
        Verb(
            "quadrat-simulate", "networks and committees in virtual time, from a seed",
            discussion: "Each run prints its seed, what it was made of, its virtual duration and "
                + "the time that it took. The same command gives the same report.",
            verbs: [
                NetworkCommand.verb, FluidCommand.verb, CommitteeCommand.verb,
                CrashesCommand.verb, MutantsCommand.verb, ExploreCommand.verb,
                FiguresCommand.verb, ClientsCommand.verb, LightCommand.verb, HeadersCommand.verb,
            ]),
        defaultConfiguration: { _ in nil }, readFile: { _ in nil })

    static func main() {
        let code = program.run(
            Array(CommandLine.arguments.dropFirst()), environment: [:], terminal: .standard)
        exit(code.rawValue)
    }
}
