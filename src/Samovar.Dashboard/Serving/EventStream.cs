using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Samovar.Dashboard.Watches;

namespace Samovar.Dashboard.Serving;

/// <summary>The endpoint that streams events to a viewer: server-sent events, as https://html.spec.whatwg.org/multipage/server-sent-events.html has
/// them.</summary>
/// <remarks>A viewer that does not read waits in the response, and gets fewer pictures when it reads again; the server closes its connection if it reads
/// nothing for some seconds.</remarks>
internal sealed class EventStream(ProgramWatch watch, CancellationToken stopping)
{
    /// <summary>How many viewers a dashboard serves at the same time.</summary>
    public const int MostViewers = 256;

    private static ReadOnlySpan<byte> Begin => "retry: 1000\n\n"u8;

    public async Task ServeAsync(HttpContext context)
    {
        var response = context.Response;
        if (watch.TryJoin(MostViewers) is not { } viewer)
        {
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await response.WriteAsync($"The dashboard already has {MostViewers} viewers.\n", context.RequestAborted).ConfigureAwait(false);
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            response.ContentType = "text/event-stream";
            response.Headers["X-Accel-Buffering"] = "no"; // for a proxy that would collect the events
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            response.BodyWriter.Write(Begin);
            await SendAsync(response, viewer, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The viewer has left, or the program stops.
        }
        finally
        {
            watch.Leave(viewer);
        }
    }

    private async Task SendAsync(HttpResponse response, Viewer viewer, CancellationToken ended)
    {
        await response.BodyWriter.FlushAsync(ended).ConfigureAwait(false);
        while (await viewer.Events.WaitToReadAsync(ended).ConfigureAwait(false))
        {
            while (viewer.Events.TryRead(out var next))
            {
                await response.BodyWriter.WriteAsync(next.Bytes, ended).ConfigureAwait(false);
                if (!viewer.TakeMissed()) continue;
                foreach (var known in watch.Known()) await response.BodyWriter.WriteAsync(known.Bytes, ended).ConfigureAwait(false);
            }
        }
    }
}
