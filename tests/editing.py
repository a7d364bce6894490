"""A form as a person has it open in a browser."""

import html
import re


class EditForm:
    """The edit form as a person has it open: what they change, and the rest as it was shown to them."""

    def __init__(self, browser, url):
        self.browser, self.url = browser, url

    async def open(self):
        self.text = (await self.browser.get(self.url)).text
        return self

    def shown(self):
        fields = {}
        for tag in re.findall(r"<input [^>]*>", self.text.partition("<main")[2]):
            name, value = re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)
            off = re.search('type="(checkbox|radio)"', tag) and " checked" not in tag
            if name and name[1] not in {"_token", "q"} and not off:
                fields[name[1]] = html.unescape(value[1]) if value else ""
        for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', self.text.partition("<main")[2], re.S):
            chosen = re.search(r'value="([^"]*)" selected', options)
            fields[name] = chosen[1] if chosen else ""
        for name, value in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', self.text, re.S):
            fields[name] = html.unescape(value)
        return fields

    async def save(self, **changes):
        answer = await self.browser.submit(self.url, page=self.url, **(self.shown() | changes))
        self.text = answer.text
        return answer
