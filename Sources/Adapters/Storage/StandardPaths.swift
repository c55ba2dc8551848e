// SPDX-License-Identifier: Apache-2.0

/// Where a person's files belong (the XDG base directory specification).
///
/// `QUADRAT_HOME` puts everything under one directory instead. Paths that are not absolute are
/// ignored, as the specification wants.
package struct StandardPaths: Hashable, Sendable {
    /// Where a node's data goes unless it is told otherwise.
    package let data: String
    /// Where the configuration file is looked for.
    package let configuration: String

    /// Works the paths out from environment variables; nil when not even `HOME` is set.
    package init?(environment: [String: String]) {
        func absolute(_ name: String) -> String? {
            guard let path = environment[name], path.hasPrefix("/") else { return nil }
            return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        }
        if let everything = absolute("QUADRAT_HOME") {
            data = everything
            configuration = everything + "/quadrat.toml"
            return
        }
        let home = absolute("HOME")
        guard let dataHome = absolute("XDG_DATA_HOME") ?? home.map({ $0 + "/.local/share" }),
            let configurationHome = absolute("XDG_CONFIG_HOME") ?? home.map({ $0 + "/.config" })
        else { return nil }
        data = dataHome + "/quadrat"
        configuration = configurationHome + "/quadrat/quadrat.toml"
    }
}
