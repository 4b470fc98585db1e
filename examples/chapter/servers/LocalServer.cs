using System.Net;
using System.Net.Sockets;

namespace Samovar.Chapter.Servers;

/// <summary>An HTTP server on a free port of the loopback interface. It serves any number of requests concurrently, each with the latency of a
/// remote server. Thread-safe.</summary>
public abstract class LocalServer : IDisposable
{
    private const int MostTries = 20; // another program may take the free port first

    private readonly HttpListener _listener;

    /// <summary>Initializes a server and starts listening.</summary>
    /// <exception cref="HttpListenerException">No free port was found.</exception>
    protected LocalServer()
    {
        (_listener, Address) = Listen();
        _ = AcceptAsync();
    }

    /// <summary>Gets the root address, with a trailing slash.</summary>
    public Uri Address { get; }

    /// <summary>Stops listening, and aborts requests in progress.</summary>
    public void Dispose()
    {
        _listener.Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Responds to one request; an exception that it throws becomes status 500.</summary>
    /// <param name="request">The request.</param>
    /// <param name="response">The response to write; closed by the caller.</param>
    protected abstract Task AnswerAsync(HttpListenerRequest request, HttpListenerResponse response);

    private static (HttpListener Listener, Uri Address) Listen()
    {
        for (int tries = 1; ; tries++)
        {
            var listener = new HttpListener();
            var address = new Uri($"http://127.0.0.1:{FreePort()}/");
            listener.Prefixes.Add(address.ToString());
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException) when (tries < MostTries)
            {
                listener.Close();
            }
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync().ConfigureAwait(false);
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException && !_listener.IsListening)
            {
                return; // the server was disposed
            }

            _ = AnswerOneAsync(context);
        }
    }

    private async Task AnswerOneAsync(HttpListenerContext context)
    {
        try
        {
            await AnswerAsync(context.Request, context.Response).ConfigureAwait(false);
            context.Response.Close();
        }
        catch (Exception error) when (error is HttpListenerException or IOException or ObjectDisposedException)
        {
            context.Response.Abort(); // the client has disconnected, or the server was disposed
        }
        catch (Exception error)
        {
            await Console.Error.WriteLineAsync($"{context.Request.Url}: {error}").ConfigureAwait(false);
            context.Response.StatusCode = (int)HttpStatusCode.InternalServerError;
            context.Response.Close();
        }
    }
}
