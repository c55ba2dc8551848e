// SPDX-License-Identifier: Apache-2.0

package import Console
internal import Storage

/// Every verb of the program, in the order in which help shows them.
package enum VerbTable {
    /// The program, with the files of this machine.
    package static let program = Program(
        root, defaultConfiguration: { StandardPaths(environment: $0)?.configuration },
        readFile: { path throws(CommandFault) in
            try UserFiles.readIfPresent(path, limit: Program.configurationSizeMax)
        })

    static let root = Verb(
        "quadrat", "data availability: publish blobs, and know that they are there",
        discussion: """
            Settings come from the command line, then from QUADRAT_… variables, then from the \
            configuration file ($XDG_CONFIG_HOME/quadrat/quadrat.toml), then from defaults.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 3 what was checked is not true, 4 the node \
            does not answer, 5 a block of the chain is proven wrong.
            """,
        verbs: NodeVerbs.all + [
            KeyCommand.verb, GenesisCommand.verb, TokenCommand.verb, BlobCommand.verb,
            HeaderCommand.verb, StakeCommand.verb, SquareCommand.verb, EvidenceCommand.verb,
            DutyCommand.challenge, PeerToPeerCommand.verb, StatusCommand.verb, TopCommand.verb,
            VersionCommand.verb,
        ])
}
