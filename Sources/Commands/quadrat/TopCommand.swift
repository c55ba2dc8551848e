// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import Glibc
internal import RPC

/// `quadrat top`: a node at work, drawn anew every second until q is pressed.
enum TopCommand {
    static let verb = Verb(
        "top", "watch a node at work",
        discussion: """
            Draws height, sampling, peers and disk anew, and fits itself to the window; q ends it. \
            Where no person watches, or with --once, one picture is printed.
            """,
        options: NodeConnection.options + [
            Option("once", .flag, "print one picture and end"),
            Option(
                "interval", .integer("MS", 100...60_000), "from one picture to the next",
                fallback: "1000"),
        ],
        action: { call throws(CommandFault) in
            let node = try NodeConnection.open(call)
            let screen = call.flag("once") ? nil : Screen()
            guard let screen else {
                let frame = try frame(of: node, before: nil, seconds: 0)
                for line in frame.lines(columns: 100, rows: 24) { call.terminal.print(line) }
                return .done
            }
            defer { screen.leave() }
            try watch(node, screen, milliseconds: try call.integer("interval") ?? 1_000)
            return .done
        })

    /// Draws until q or Ctrl-C; a node that does not answer for a while is waited for.
    private static func watch(
        _ node: RPCClient, _ screen: Screen, milliseconds: Int64
    ) throws(CommandFault) {
        var before: TopFrame?
        var begun = try System.now()
        while true {
            let now = try System.now()
            var lines: [String]
            let size = screen.size
            do throws(CommandFault) {
                let seconds = UInt64(clamping: now.seconds - begun.seconds)
                let frame = try frame(of: node, before: before, seconds: seconds)
                if before == nil {
                    before = frame
                    begun = now
                }
                lines = frame.lines(columns: size.columns, rows: size.rows)
            } catch {
                guard error.code == .unreachable else { throw error }
                lines = [String(error.message.prefix(size.columns)), "waiting; q ends"]
            }
            screen.draw(lines)
            if screen.waitForEnd(milliseconds: milliseconds) { return }
        }
    }

    private static func frame(
        of node: RPCClient, before: TopFrame?, seconds: UInt64
    ) throws(CommandFault) -> TopFrame {
        var node = node
        node.timeoutSeconds = 5
        do throws(RPCClientFault) {
            let status = try page("/status", of: node)
            let sampling = try page("/sampling", of: node)
            var rate: UInt64?
            if let before, seconds > 0 {
                let height = TopFrame(status: status, sampling: .null).height
                let grown = (height - min(height, before.height))
                    .multipliedReportingOverflow(by: 60)
                rate = grown.overflow ? nil : grown.partialValue / seconds
            }
            return TopFrame(status: status, sampling: sampling, blocksPerMinute: rate)
        } catch {
            throw CommandFault(error)
        }
    }

    private static func page(
        _ path: String, of node: RPCClient
    ) throws(RPCClientFault) -> JSONNode {
        let bytes = try node.page(path)
        do throws(DecodeFault) {
            return try JSONParser.parse(bytes)
        } catch {
            throw .answer(status: 200, "\(error)")
        }
    }
}

/// A terminal that is drawn on as a whole and given back as it was.
private final class Screen {
    private var before = termios()

    /// Takes the terminal over; nil where there is none, or nobody to press a key.
    init?() {
        guard isatty(STDOUT_FILENO) == 1, isatty(STDIN_FILENO) == 1,
            tcgetattr(STDIN_FILENO, &before) == 0
        else { return nil }
        var raw = before
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        guard tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0 else { return nil }
        Interruption.watch()
        write("\u{1b}[?1049h\u{1b}[?25l")
    }

    /// Columns and rows of the window now.
    var size: (columns: Int, rows: Int) {
        var window = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 else {
            return (80, 24)
        }
        return (Int(window.ws_col), Int(window.ws_row))
    }

    /// Shows these lines and nothing else.
    func draw(_ lines: [String]) {
        let text = lines.map { TopFrame.clean($0) + "\u{1b}[K" }.joined(separator: "\r\n")
        write("\u{1b}[H" + text + "\u{1b}[J")
    }

    /// Waits until the next picture is due; true when the person wants to end.
    func waitForEnd(milliseconds: Int64) -> Bool {
        var watched = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&watched, 1, Int32(milliseconds)) > 0 else { return Interruption.isAsked }
        var key: UInt8 = 0
        let count = read(STDIN_FILENO, &key, 1)
        return count <= 0 || key == UInt8(ascii: "q") || key == UInt8(ascii: "Q")
    }

    /// Gives the terminal back.
    func leave() {
        write("\u{1b}[?25h\u{1b}[?1049l")
        tcsetattr(STDIN_FILENO, TCSANOW, &before)
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }
}
