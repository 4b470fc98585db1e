using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Dashboard.Watches;

namespace Samovar.Dashboard.Serving;

/// <summary>The endpoint that passes a viewer's request to the program, and the program's reply to the viewer. Both have the format of the watch
/// protocol.</summary>
internal sealed class RequestEndpoint(ProgramWatch watch, bool allowsCommands)
{
    private const int LargestRequest = 16 * 1024;

    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(10);

    // What only reads. All else counts as a command, also one that only a later version of the program knows.
    private static readonly HashSet<string> s_reads = ["tasks", "task", "failures", "tree", "cluster", "letters", "primitives"];

    public async Task ServeAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (!request.HasJsonContentType())
        {
            await FailAsync(response, StatusCodes.Status415UnsupportedMediaType, "A request is JSON: Content-Type: application/json.").ConfigureAwait(false);
            return;
        }

        using var body = await ReadAsync(request, context.RequestAborted).ConfigureAwait(false);
        if (body is null || body.RootElement.ValueKind != JsonValueKind.Object
            || !body.RootElement.TryGetProperty("what", out var what) || what.ValueKind != JsonValueKind.String)
        {
            await FailAsync(response, StatusCodes.Status400BadRequest, $"A request is a JSON object with a text 'what', at most {LargestRequest} bytes.").ConfigureAwait(false);
            return;
        }

        if (!allowsCommands && !s_reads.Contains(what.GetString()!))
        {
            await FailAsync(response, StatusCodes.Status403Forbidden,
                $"'{what.GetString()}' is a command, and this dashboard only shows. In the program, allow commands with AllowCommands; samovar dashboard allows them without --read-only.").ConfigureAwait(false);
            return;
        }

        await AnswerAsync(context, body.RootElement).ConfigureAwait(false);
    }

    private async Task AnswerAsync(HttpContext context, JsonElement request)
    {
        var response = context.Response;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(s_time);
        try
        {
            byte[] reply = await watch.AskAsync(request, limit.Token).ConfigureAwait(false);
            response.ContentType = "application/json";
            await response.Body.WriteAsync(reply, context.RequestAborted).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            await FailAsync(response, StatusCodes.Status502BadGateway, error.Message).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await FailAsync(response, StatusCodes.Status504GatewayTimeout, $"The program did not reply within {s_time.TotalSeconds:0} seconds.").ConfigureAwait(false);
        }
    }

    /// <summary>Reads the body; returns null if it is too large or not JSON.</summary>
    private static async Task<JsonDocument?> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        byte[] buffer = new byte[LargestRequest + 1];
        int length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        if (length > LargestRequest) return null;
        try
        {
            return JsonDocument.Parse(buffer.AsMemory(0, length));
        }
        catch (JsonException)
        {
            return null; // the reply names what a request must be
        }
    }

    private static async Task FailAsync(HttpResponse response, int status, string error)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("error"u8, error);
            json.WriteEndObject();
        }

        await response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length)).ConfigureAwait(false);
    }
}
