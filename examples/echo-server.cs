#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using System.Net;
using System.Net.Sockets;
using System.Text;
using Samovar;

// An echo server on one thread, and its clients on the same one: sockets are .NET's own, and their awaits come back to the loop.
int connections = args is [var count] ? int.Parse(count) : 2_000;

EventLoop.Run(() => TaskGroup.RunAsync(async group =>
{
    using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    listener.Listen(backlog: 4096);
    var allConnected = new AsyncBarrier(connections);
    int thread = Environment.CurrentManagedThreadId, served = 0, open = 0, most = 0;

    await TaskGroup.RunAsync(async clients =>
    {
        group.Run(ServeAsync, "server");
        for (int i = 0; i < connections; i++)
        {
            int client = i;
            clients.Run(() => TalkAsync(client));
        }
    }, new() { Name = "clients" });

    Console.WriteLine($"{served} echoes over {connections} connections, {most} of them open at once, on thread {thread} alone");
    group.Cancel();

    async Task ServeAsync()
    {
        while (true)
        {
            var connection = await listener.AcceptAsync(CancelScope.CurrentToken);
            group.Run(() => EchoAsync(connection), "connection");
        }
    }

    async Task EchoAsync(Socket connection)
    {
        using (connection)
        {
            most = Math.Max(most, ++open);
            byte[] buffer = new byte[256];
            int read;
            while ((read = await connection.ReceiveAsync(buffer, CancelScope.CurrentToken)) > 0)
            {
                await connection.SendAsync(buffer.AsMemory(0, read), CancelScope.CurrentToken);
                served++;
                if (Environment.CurrentManagedThreadId != thread) throw new InvalidOperationException("not on the loop");
            }

            open--;
        }
    }

    async Task TalkAsync(int client)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync((IPEndPoint)listener.LocalEndPoint!, CancelScope.CurrentToken);
        await allConnected.SignalAndWaitAsync();
        byte[] answer = new byte[256];
        for (int i = 0; i < 3; i++)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes($"client {client}, message {i}"), CancelScope.CurrentToken);
            int read = await socket.ReceiveAsync(answer, CancelScope.CurrentToken);
            if (Encoding.UTF8.GetString(answer, 0, read) != $"client {client}, message {i}") throw new InvalidOperationException("a wrong echo");
            await EventLoop.SleepAsync(TimeSpan.FromMilliseconds(10));
        }
    }
}));
