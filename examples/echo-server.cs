#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using System.Net;
using System.Net.Sockets;
using System.Text;
using Samovar;

// An echo server on one thread. It uses .NET's sockets, whose awaits continue on the loop. Its clients run on a loop in another process, because each
// connection takes a descriptor at both ends, and the number of descriptors of a process is limited (`ulimit -n`).
int connections = args is [var count] ? int.Parse(count) : 10_000;

EventLoop.Run(() => TaskGroup.RunAsync(async group =>
{
    using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    listener.Listen(backlog: 4096);
    int thread = Environment.CurrentManagedThreadId, served = 0, open = 0, most = 0;
    group.Run(ServeAsync, "server");

    await using var clients = Clients.Start(((IPEndPoint)listener.LocalEndPoint!).Port, connections);
    int answers = await clients.JoinAsync(CancelScope.CurrentToken);

    Console.WriteLine($"{answers} answers to clients; {served} echoes over {connections} connections, {most} of them open at once, on thread {thread} alone");
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
}));

static class Clients
{
    public static ChildProcess<int> Start(int port, int connections) => ChildProcess.Start(() => Run(port, connections));

    private static int Run(int port, int connections)
    {
        int answers = 0;
        EventLoop.Run(() => TaskGroup.RunAsync(group =>
        {
            var allConnected = new AsyncBarrier(connections);
            for (int i = 0; i < connections; i++)
            {
                int client = i;
                group.Run(() => TalkAsync(client));
            }

            async Task TalkAsync(int client)
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), CancelScope.CurrentToken);
                await allConnected.SignalAndWaitAsync();
                byte[] answer = new byte[256];
                for (int i = 0; i < 3; i++)
                {
                    string message = $"client {client}, message {i}";
                    await socket.SendAsync(Encoding.UTF8.GetBytes(message), CancelScope.CurrentToken);
                    int read = await socket.ReceiveAsync(answer, CancelScope.CurrentToken);
                    if (Encoding.UTF8.GetString(answer, 0, read) != message) throw new InvalidOperationException("a wrong echo");
                    answers++;
                }
            }
        }));
        return answers;
    }
}
