using System.Net.Sockets;
using System.Text.Json;
using Samovar.Diagnostics.Watching;

namespace Samovar.Tests.Diagnostics.Watching;

/// <summary>A watcher of this process: reads the lines of a <see cref="WatchSession"/>, and sends it requests.</summary>
internal sealed class Watcher : IAsyncDisposable
{
    private readonly NetworkStream _stream;
    private readonly StreamReader _lines;
    private readonly Task _session;
    private int _asked;

    private Watcher(Socket own, Socket other, bool allowsCommands, bool showsArguments)
    {
        _stream = new NetworkStream(own, ownsSocket: true);
        _lines = new StreamReader(_stream);
        _session = Task.Factory.StartNew(
            () =>
            {
                using var connection = new NetworkStream(other, ownsSocket: true);
                try
                {
                    WatchSession.Run(connection, rate: 20, allowsCommands, showsArguments);
                }
                catch (IOException)
                {
                    // the watcher has left in the middle of a picture
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The first line.</summary>
    public JsonElement Hello { get; private set; }

    /// <summary>Completes when the session has ended.</summary>
    public Task Session => _session;

    public static async Task<Watcher> StartAsync(bool allowsCommands = false, bool showsArguments = false)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        string path = Path.Combine(Path.GetTempPath(), $"samovar-watch-{Guid.NewGuid():N}");
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        var own = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await own.ConnectAsync(new UnixDomainSocketEndPoint(path), Token);
        var watcher = new Watcher(own, await listener.AcceptAsync(Token), allowsCommands, showsArguments);
        File.Delete(path);
        watcher.Hello = await watcher.ReadAsync();
        return watcher;
    }

    /// <summary>Reads pictures until one satisfies a condition, and returns it.</summary>
    public async Task<JsonElement> PictureAsync(Func<JsonElement, bool> condition)
    {
        while (true)
        {
            var line = await ReadAsync();
            if (line.TryGetProperty("picture", out _) && condition(line)) return line;
        }
    }

    /// <summary>Sends a request, and returns its reply.</summary>
    public async Task<JsonElement> AskAsync(string members)
    {
        int number = ++_asked;
        await SendAsync($"{{\"ask\":{number},{members}}}\n");
        while (true)
        {
            var line = await ReadAsync();
            if (line.TryGetProperty("reply", out var reply) && reply.GetInt32() == number) return line;
        }
    }

    public async Task SendAsync(string text) => await _stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), Token);

    /// <summary>Returns the executor with a name in a picture; null if it is not there.</summary>
    public static JsonElement? Executor(JsonElement picture, string name)
    {
        foreach (var executor in picture.GetProperty("executors").EnumerateArray())
        {
            if (executor.GetProperty("name").GetString() == name) return executor;
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Dispose();
        await _session;
    }

    private async Task<JsonElement> ReadAsync()
    {
        string line = await _lines.ReadLineAsync(Token) ?? throw new EndOfStreamException("The session has ended.");
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }
}
