using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Samovar.Dashboard.Standalone;

namespace Samovar.Dashboard.Tests;

/// <summary>A program that opens more connections than a server of the tool takes.</summary>
[Collection(nameof(DashboardProgram))]
public sealed class ConnectionTests
{
    private const int Attempts = 10_000;
    private const int AtOnce = 64;
    private const long MostMemory = 256 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ThreadFact]
    public async Task Ten_thousand_connections_are_refused_beyond_a_limit_and_those_before_are_served()
    {
        var program = new FakeProgram();
        await using var server = await DashboardServer.StartAsync(program, 0, allowsCommands: false, Token);
        using var connection = await program.AcceptAsync();
        await FakeProgram.WriteAsync(connection, """{"samovar":1,"pid":7,"program":"kettle"}""", """{"picture":1}""");
        var link = new Uri(server.Link);
        using var browser = new Browser(new Uri(link, "/"));
        (await browser.GetAsync(link.Query)).Status.ShouldBe(HttpStatusCode.OK);
        using var events = await browser.EventsAsync();
        (await events.UntilAsync("picture")).GetProperty("picture").GetInt32().ShouldBe(1);
        (await browser.GetAsync("")).Status.ShouldBe(HttpStatusCode.OK); // leaves a connection open, which it uses again
        long memory = GC.GetTotalMemory(forceFullCollection: true);
        var served = new ConcurrentBag<Socket>();
        int refused = 0;
        try
        {
            await Parallel.ForAsync(0, Attempts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Token }, async (_, cancellation) =>
            {
                if (await TryOpenAsync(link, cancellation) is { } socket) served.Add(socket);
                else Interlocked.Increment(ref refused);
            });

            served.Count.ShouldBeInRange(1, DashboardServer.MostConnections);
            (served.Count + refused).ShouldBe(Attempts);
            (GC.GetTotalMemory(forceFullCollection: true) - memory).ShouldBeLessThan(MostMemory);
            (await browser.GetAsync("")).Text.ShouldContain("dashboard.js");
            await FakeProgram.WriteAsync(connection, """{"picture":2}""");
            (await events.UntilAsync("picture")).GetProperty("picture").GetInt32().ShouldBe(2);
        }
        finally
        {
            foreach (var socket in served) socket.Dispose();
        }

        // The server notices by and by that they are closed.
        await TestTimeout.UntilAsync(() => IsServed(link));
    }

    /// <summary>Opens a connection and requests something; returns null if the server closes the connection without an answer.</summary>
    private static async Task<Socket?> TryOpenAsync(Uri link, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, link.Port, cancellation);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /icon.svg HTTP/1.1\r\nHost: {link.Authority}\r\n\r\n"), cancellation);
            byte[] answer = new byte[4_096];
            if (await socket.ReceiveAsync(answer, cancellation) > 0) return socket;
        }
        catch (SocketException)
        {
            // The server has reset the connection: refused as well.
        }

        socket.Dispose();
        return null;
    }

    private static bool IsServed(Uri link)
    {
        using var socket = TryOpenAsync(link, Token).GetAwaiter().GetResult();
        return socket is not null;
    }
}
