// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import DataSquare
internal import RPC
internal import Storage

/// `quadrat version`: which release this is, and what it speaks.
enum VersionCommand {
    /// The release.
    static let release = "0.1.0"

    static let verb = Verb(
        "version", "print the release and what it speaks", options: [StandardOptions.json],
        action: { call throws(CommandFault) in
            let newest = SquareRules.appVersions.upperBound
            if call.flag("json") {
                call.terminal.print(json: { writer in
                    writer.object {
                        $0.member("release", release)
                        $0.member("app_version_max", newest)
                        $0.member("data_layout", DataDirectory.layout)
                    }
                })
            } else {
                call.terminal.print("quadrat \(release)")
                call.terminal.print("app versions up to \(newest)")
                call.terminal.print("data layout '\(DataDirectory.layout)'")
            }
            return .done
        })
}
